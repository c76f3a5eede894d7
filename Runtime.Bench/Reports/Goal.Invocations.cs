using Runtime.Bench.Invocations;

namespace Runtime.Bench.Reports;

/// <content>The goal on invocation.</content>
internal sealed partial record Goal
{
    private const double InvocationLimitNs = 200;

    /// <summary>With blocks of 0 and 64 bytes, nested in either style, and by a jump: the worst counts.</summary>
    private static Verdict? Invocations(Results results)
    {
        IReadOnlyList<Series> ours = results.Where(sample =>
            sample is { Topic: Topics.Invocation, Way: not null and not LocusSide.OutsideWay }
            && (sample.Workload is "0 bytes" or "64 bytes"));
        if (ours.Count == 0)
        {
            return null;
        }

        long allocated = ours.Max(series => series.AllocatedBytes ?? 0);
        double slowestNs = ours.Max(series => series.Ns);
        return new Verdict(
            Invariant($"{ours.Min(series => series.Ns):F0} to {slowestNs:F0} ns; {allocated} bytes"),
            slowestNs <= InvocationLimitNs && allocated == 0);
    }
}
