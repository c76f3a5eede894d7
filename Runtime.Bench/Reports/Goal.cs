using System.Globalization;

namespace Runtime.Bench.Reports;

/// <summary>Something the product promises to reach, and how a run shows whether it did.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Target">What it must reach.</param>
/// <param name="Judge">Null while no benchmark measures it; the verdict is null if this run did not.</param>
internal sealed partial record Goal(string What, string Target, Func<Results, Verdict?>? Judge = null)
{
    private const double FaultLimit = 1.15;
    private const double AccessorLimitNs = 3;
    private const double AccessorGain = 3;
    private const double LeaseTolerance = 0.02;
    private const double ThreadsGain = 1.7;

    internal static IReadOnlyList<Goal> All { get; } =
    [
        new(
            "fault → C# manager → resume, resident page",
            "≤ 1.15 × GNU libsigsegv doing the same in C; 0 bytes allocated",
            Faults),
        new("accessor on a resident page, 8 bytes", "≤ 3 ns; ≥ 3 × faster than `MemoryMappedViewAccessor`", Accessor),
        new("lease, tight loop", "1.00 ± 0.02 × an array", Lease),
        new("cold sequential read through a manager", "≥ 0.9 × plain `pread` of the same bytes", Reads),
        new(
            "cut, 512 MiB with 1 % dirty",
            "≤ 1 ms under `Userfault`, ≤ 5 ms under `Protect`; independent of container size",
            Cuts),
        new(
            "durable snapshot, same",
            "≤ 2 × append + `fdatasync` of the same bytes; ≤ 1.15 × dirty bytes written",
            Durables),
        new("one-page durable commit", "≥ 0.9 × LMDB", Commits),
        new("open a volume", "≤ 50 ms whatever its size", Openings),
        new("`KmoInvoke` + `KmoReturn` in process", "≤ 200 ns, 0 bytes allocated", Invocations),
        new(
            "two threads faulting, separate windows",
            "≥ 1.7 × one under `Userfault`; reported under `Protect`",
            TwoThreads),
        new(
            "scale",
            "10,000 small containers or 32 of 1 TiB; 1,000,000 scattered resident pages without an error",
            Scale),
        new("resident memory", "≤ budget + 5 %", Memory),
    ];

    /// <summary>Every same-thread way in every pattern must do it: the worst one counts.</summary>
    private static Verdict? Faults(Results results)
    {
        IReadOnlyList<Series> ours =
            results.Where(sample => Peers.IsSameThreadFault(sample) && sample.Threads == 1);
        double[] ratios = [.. ours.Select(series => Peers.OverLibsigsegv(results, series)?.Median).OfType<double>()];
        if (ratios.Length == 0)
        {
            return null;
        }

        long allocated = ours.Sum(series => series.AllocatedBytes ?? 0);
        return new Verdict(
            Invariant($"{ratios.Min():F2} to {ratios.Max():F2} ×; {allocated} bytes"),
            ratios.Max() <= FaultLimit && allocated == 0);
    }

    private static Verdict? Accessor(Results results)
    {
        IReadOnlyList<Series> ours =
            results.Where(sample => sample is { Way: "accessor", Workload: Peers.Read8 or Peers.Write8 });
        double[] gains = [.. ours.Select(series => Peers.GainOverMapped(results, series)?.Median).OfType<double>()];
        if (gains.Length == 0)
        {
            return null;
        }

        double slowestNs = ours.Max(series => series.Ns);
        return new Verdict(
            Invariant($"{ours.Min(series => series.Ns):F1} to {slowestNs:F1} ns; ")
            + Invariant($"{gains.Min():F1} to {gains.Max():F1} × faster"),
            slowestNs <= AccessorLimitNs && gains.Min() >= AccessorGain);
    }

    private static Verdict? Lease(Results results)
    {
        IReadOnlyList<Series> ours =
            results.Where(sample => sample.Way == "lease");
        double[] ratios = [.. ours.Select(series => Peers.OverArray(results, series)?.Median).OfType<double>()];
        return ratios.Length == 0
            ? null
            : new Verdict(
                Invariant($"{ratios.Min():F3} to {ratios.Max():F3} ×"),
                ratios.All(ratio => Math.Abs(ratio - 1) <= LeaseTolerance));
    }

    /// <summary>A goal only for one engine; for the other the figure is stated.</summary>
    private static Verdict? TwoThreads(Results results)
    {
        double[] gains = SpeedUps(results, Peers.Userfault);
        double[] others = SpeedUps(results, Peers.Protect);
        string[] measured =
        [
            .. gains.Length == 0 ? [] : new[] { Range(Peers.Userfault, gains) },
            .. others.Length == 0 ? [] : new[] { Range(Peers.Protect, others) },
        ];
        return measured.Length == 0
            ? null
            : new Verdict(string.Join("; ", measured), gains.Length == 0 ? null : gains.Min() >= ThreadsGain);

        static string Range(string engine, double[] gains) =>
            Invariant($"`{engine}`: {gains.Min():F2} to {gains.Max():F2} × one");
    }

    private static double[] SpeedUps(Results results, string engine)
    {
        IReadOnlyList<Series> ours = results.Where(
            sample => Peers.IsSameThreadFault(sample) && sample.Threads == 2 && sample.Engine == engine);
        return [.. ours.Select(series => Peers.SpeedUp(results, series)?.Median).OfType<double>()];
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a run showed of a goal.</summary>
/// <param name="Measured">The figures.</param>
/// <param name="IsMet">Null where the figure is only reported.</param>
internal sealed record Verdict(string Measured, bool? IsMet);
