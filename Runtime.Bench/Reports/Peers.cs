namespace Runtime.Bench.Reports;

/// <summary>Who is compared with whom.</summary>
internal static class Peers
{
    internal const string Read8 = "read 8 bytes";
    internal const string Write8 = "write 8 bytes";
    internal const string Protect = "Protect";
    internal const string Userfault = "Userfault";

    internal const string Pread = "pread";
    internal const string Mapped = "MemoryMappedFile";
    internal const string Append = "append + fdatasync";
    internal const string Flush = "MemoryMappedFile.Flush";
    internal const string Fork = "fork";
    internal const string Private = "MAP_PRIVATE";
    internal const string Lmdb = "LMDB";
    internal const string Sqlite = "SQLite";
    internal const string Delegate = "delegate";
    internal const string Channel = "Channel";
    internal const string Socket = "Unix socket";
    internal const string Unmapped = "unmapped";
    internal const string Client = "HttpClient";
    internal const string FirstInProcess = "first in a process";

    /// <summary>Whether C# served these faults on the faulting thread, as a handler in C does.</summary>
    internal static bool IsSameThreadFault(Sample sample) =>
        sample is { Areas: > 0, Engine: Protect or Userfault, Way: "accessor" or "native section" };

    /// <summary>Whether it is a figure of Linux: ours under one of its engines, or a peer's.</summary>
    internal static bool IsOfLinux(Sample sample) => sample.Engine is null or Protect or Userfault;

    /// <summary>Whether the time holds the start of the program, too.</summary>
    internal static bool IsFirstInProcess(Sample sample) =>
        sample.Workload.EndsWith(FirstInProcess, StringComparison.Ordinal);

    internal static Ratio? OverLibsigsegv(Results results, Series series) =>
        Ratio.Of(series, results.Find(PeerOf(series, "libsigsegv")), run => run.Ns);

    internal static Ratio? OverArray(Results results, Series series) =>
        Ratio.Of(series, results.Find(PeerOf(series, "array")), run => run.Ns);

    internal static Ratio? GainOverMapped(Results results, Series series) =>
        Ratio.Of(results.Find(PeerOf(series, "MemoryMappedViewAccessor")), series, run => run.Ns);

    /// <summary>The same side and the same windows with one thread, over this one with several.</summary>
    internal static Ratio? SpeedUp(Results results, Series series) =>
        Ratio.Of(results.Find(series.Subject with { Threads = 1 }), series, run => run.MeanNs);

    /// <summary>How long it took, over a peer's time for the same.</summary>
    internal static Ratio? Over(Results results, Series series, string peer) =>
        Ratio.Of(series, results.Find(PeerOf(series, peer)), run => run.Ns);

    /// <summary>How much it does in a time, over what a peer does.</summary>
    internal static Ratio? RateOver(Results results, Series series, string peer) =>
        Ratio.Of(results.Find(PeerOf(series, peer)), series, run => run.MeanNs);

    private static Sample PeerOf(Series series, string side) =>
        series.Subject with { Side = side, Way = null, Engine = null };
}
