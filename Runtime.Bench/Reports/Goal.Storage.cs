using Runtime.Bench.Reads;
using Runtime.Bench.Snapshots;

namespace Runtime.Bench.Reports;

/// <content>The goals on reading, snapshots, opening and limits.</content>
internal sealed partial record Goal
{
    private const double ReadRate = 0.9;
    private const double DurableLimit = 2;
    private const double BytesLimit = 1.15;
    private const double CommitRate = 0.9;
    private const double OpenLimitMs = 50;
    private const double MemoryLimit = 1.05;
    private const double NsPerMs = 1e6;

    private static readonly Dictionary<string, double> s_cutLimitsMs =
        new() { [Peers.Userfault] = 1, [Peers.Protect] = 5 };

    // Of each of these at least so many were asked for, or a run says nothing about the goal.
    private static readonly (string Workload, long Least)[] s_scales =
        [("of 64 KiB", 10_000), ("of 1 TiB", 32), ("scattered", 1_000_000)];

    private static Verdict? Reads(Results results)
    {
        double[] rates =
        [
            .. results.Where(sample => sample is { Topic: Topics.Read, Engine: not null, Workload: "sequential, cold" }
                && sample.Way != FileSide.SinglePages)              // which are for pages at random
                .Select(series => Peers.RateOver(results, series, Peers.Pread)?.Median)
                .OfType<double>(),
        ];
        return rates.Length == 0
            ? null
            : new Verdict(Invariant($"{rates.Min():F2} to {rates.Max():F2} ×"), rates.Min() >= ReadRate);
    }

    /// <summary>Independent of the size: with as many dirty pages, every size must keep the limit.</summary>
    private static Verdict? Cuts(Results results)
    {
        string pages = SnapshotPlan.Judged.Split(", ", 2)[1];
        IReadOnlyList<Series> cuts = results.Where(sample =>
            sample is { Topic: Topics.Cut, Engine: Peers.Userfault or Peers.Protect }
            && sample.Workload.EndsWith(pages, StringComparison.Ordinal));
        if (!cuts.Any(series => series.Subject.Workload == SnapshotPlan.Judged))
        {
            return null;
        }

        IEnumerable<string> measured = cuts.GroupBy(series => series.Subject.Engine!).Select(engine =>
        {
            IEnumerable<string> sizes = engine.Select(series =>
                Invariant($"{series.Ns / NsPerMs:F1} ms of {series.Subject.Workload.Split(", ")[0]}"));
            return $"`{engine.Key}`: {string.Join(", ", sizes)}";
        });
        return new Verdict(
            string.Join("; ", measured),
            cuts.All(series => series.Ns / NsPerMs <= s_cutLimitsMs[series.Subject.Engine!]));
    }

    private static Verdict? Durables(Results results)
    {
        IReadOnlyList<Series> ours = results.Where(
            sample => sample is { Topic: Topics.Durable, Engine: not null, Workload: SnapshotPlan.Judged });
        double[] ratios =
            [.. ours.Select(series => Peers.Over(results, series, Peers.Append)?.Median).OfType<double>()];
        if (ratios.Length == 0)
        {
            return null;
        }

        double bytes = ours.Max(series => BytesOverEnough(series) ?? double.NaN);
        return new Verdict(
            Invariant($"{ratios.Min():F2} to {ratios.Max():F2} ×; {bytes:F2} × dirty bytes"),
            ratios.Max() <= DurableLimit && bytes <= BytesLimit);
    }

    private static Verdict? Commits(Results results)
    {
        double[] rates =
        [
            .. results.Where(sample => sample is { Topic: Topics.Commit, Engine: not null })
                .Select(series => Peers.RateOver(results, series, Peers.Lmdb)?.Median)
                .OfType<double>(),
        ];
        return rates.Length == 0
            ? null
            : new Verdict(Invariant($"{rates.Min():F2} to {rates.Max():F2} ×"), rates.Min() >= CommitRate);
    }

    private static Verdict? Openings(Results results)
    {
        IReadOnlyList<Series> ours = results.Where(
            sample => sample is { Topic: Topics.Open, Engine: not null } && !Peers.IsFirstInProcess(sample));
        if (ours.Count == 0)
        {
            return null;
        }

        double slowestMs = ours.Max(series => series.Ns) / NsPerMs;
        return new Verdict(
            Invariant($"{ours.Min(series => series.Ns) / NsPerMs:F1} to {slowestMs:F1} ms"), slowestMs <= OpenLimitMs);
    }

    private static Verdict? Scale(Results results)
    {
        IReadOnlyList<Series> ours = results.Where(sample => sample.Topic == Topics.Scale);
        if (ours.Count == 0)
        {
            return null;
        }

        bool isComplete = ours.All(series => series.Runs.All(run => run.Count >= run.Asked));
        bool isFull = s_scales.All(scale => ours.Any(series =>
            series.Subject.Asked >= scale.Least
            && series.Subject.Workload.Contains(scale.Workload, StringComparison.Ordinal)));
        IEnumerable<string> measured = ours.Select(series =>
            Invariant($"`{series.Subject.Engine}`: {series.Runs.Min(run => run.Count):N0} of ")
            + series.Subject.Workload);
        return new Verdict(string.Join("; ", measured), !isComplete ? false : isFull ? true : null);
    }

    private static Verdict? Memory(Results results)
    {
        double[] ratios =
        [
            .. results.Where(sample => sample is { Topic: Topics.Memory, Engine: not null, Way: null })
                .Select(BytesOverEnough)
                .OfType<double>(),
        ];
        return ratios.Length == 0
            ? null
            : new Verdict(
                Invariant($"{ratios.Min():F2} to {ratios.Max():F2} × the budget"), ratios.Max() <= MemoryLimit);
    }

    internal static double? BytesOverEnough(Series series) => (double?)series.Bytes / series.Subject.EnoughBytes;
}
