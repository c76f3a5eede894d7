namespace Runtime.Bench.Reports;

/// <summary>Who is compared with whom.</summary>
internal static class Peers
{
    internal const string Read8 = "read 8 bytes";
    internal const string Write8 = "write 8 bytes";

    /// <summary>Whether C# served these faults on the faulting thread, as a handler in C does.</summary>
    internal static bool IsSameThreadFault(Sample sample) =>
        sample is { Areas: > 0, Engine: "Protect", Way: "accessor" or "native section" };

    internal static Ratio? OverLibsigsegv(Results results, Series series) =>
        Ratio.Of(series, results.Find(PeerOf(series, "libsigsegv")), run => run.Ns);

    internal static Ratio? OverArray(Results results, Series series) =>
        Ratio.Of(series, results.Find(PeerOf(series, "array")), run => run.Ns);

    internal static Ratio? GainOverMapped(Results results, Series series) =>
        Ratio.Of(results.Find(PeerOf(series, "MemoryMappedViewAccessor")), series, run => run.Ns);

    /// <summary>The same side and the same windows with one thread, over this one with several.</summary>
    internal static Ratio? SpeedUp(Results results, Series series) =>
        Ratio.Of(results.Find(series.Subject with { Threads = 1 }), series, run => run.MeanNs);

    private static Sample PeerOf(Series series, string side) =>
        series.Subject with { Side = side, Way = null, Engine = null };
}
