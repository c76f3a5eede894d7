using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Durability;

/// <summary>A call of a journal.</summary>
/// <typeparam name="TPromise">What is promised.</typeparam>
/// <param name="Promise">What was promised when it began.</param>
/// <param name="First">The first block that it wrote.</param>
/// <param name="Blocks">What it wrote, if anything; null for a flush.</param>
/// <param name="BlockCount">How many blocks the disk has through it; 0 if it does not extend the disk.</param>
internal sealed record JournalEntry<TPromise>(TPromise Promise, long First, ImageBlock[]? Blocks, long BlockCount)
{
    public bool IsFlush => Blocks is null;
}
