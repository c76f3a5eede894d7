using Runtime.Core.Storage;

namespace Runtime.Tests.Stores.Logs;

/// <summary>What a log may hold when it is opened after power went.</summary>
/// <param name="Flushed">The numbers of the records that it must hold.</param>
/// <param name="Pending">Of these it may hold the first ones behind them.</param>
/// <param name="Compacting">What it may hold instead, while it is compacted.</param>
internal sealed record LogPromise(
    IReadOnlyList<int> Flushed, IReadOnlyList<int> Pending, IReadOnlyList<int>? Compacting)
{
    public static LogPromise Nothing { get; } = new([], [], null);

    public LogPromise Append(int number) => this with { Pending = [.. Pending, number] };

    public LogPromise Flush() => new([.. Flushed, .. Pending], [], null);

    /// <summary>The numbers of the records that were found.</summary>
    /// <param name="found">What is there.</param>
    /// <param name="difference">What is wrong; null for nothing.</param>
    public IReadOnlyList<int> Match(IReadOnlyList<KernelLogRecord> found, out string? difference)
    {
        difference = null;
        if (Compacting is not null && LogUse.Difference(found, Compacting) is null)
        {
            return Compacting;
        }

        int pending = Math.Clamp(found.Count - Flushed.Count, 0, Pending.Count);
        int[] numbers = [.. Flushed, .. Pending.Take(pending)];
        difference = LogUse.Difference(found, numbers);
        return numbers;
    }
}
