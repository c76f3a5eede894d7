namespace Runtime.Stores.Volumes;

/// <summary>A reader that is alive.</summary>
/// <param name="Slot">Its place.</param>
/// <param name="Sequence">
/// Of the superblock that it reads, and with it maybe of later ones; <see cref="AnyCommit"/> if it does not say.
/// </param>
internal readonly record struct LiveReader(int Slot, long Sequence)
{
    /// <summary>Below every commit.</summary>
    public const long AnyCommit = -1;
}
