namespace Runtime.Bench.Faults;

/// <summary>What one run of the fault loop does; the same words as Peers/peer.c.</summary>
/// <param name="Pattern">
/// Sequential, or alternating: even pages, then odd ones, so that every grant splits a mapping.
/// </param>
/// <param name="Areas">Windows.</param>
/// <param name="Threads">A divisor of <paramref name="Areas"/>: each thread has windows of its own.</param>
/// <param name="Pages">Of all windows together.</param>
/// <param name="Rounds">Times that every page is touched, after the rounds that warm up.</param>
internal sealed record FaultPlan(string Pattern, int Areas, int Threads, int Pages, int Rounds)
{
    internal const string Sequential = "sequential";
    internal const string Alternating = "alternating";

    /// <summary>Throws unless the threads can share the windows evenly.</summary>
    internal FaultPlan Validated() =>
        Areas > 0 && Threads > 0 && Areas % Threads == 0 && Pages >= 4 * Areas && Rounds > 0
        ? this
        : throw new ArgumentException($"{Threads} threads cannot share {Areas} windows of {Pages} pages evenly");

    internal int PagesPerArea => Pages / Areas / 4 * 4;

    internal long FaultsPerRound => (long)PagesPerArea * Areas;

    /// <summary>
    /// The parts of a round between two closings. At most a quarter of the pages is isolated at a time: under the
    /// default vm.max_map_count, mprotect fails after 32,752 isolated pages.
    /// </summary>
    internal IEnumerable<FaultPass> Passes => Pattern == Sequential
        ? [new FaultPass(First: 0, Count: PagesPerArea, Stride: 1)]
        : from quarter in Enumerable.Range(0, 4)
          let first = (quarter / 2 * (PagesPerArea / 2)) + (quarter % 2)
          select new FaultPass(first, Count: PagesPerArea / 4, Stride: 2);
}

/// <summary>
/// In each window, <paramref name="Count"/> pages from <paramref name="First"/>, every <paramref name="Stride"/>th.
/// </summary>
internal sealed record FaultPass(int First, int Count, int Stride);
