namespace Runtime.Stores.Volumes;

/// <summary>Where a dead list begins and how many blocks it names.</summary>
/// <remarks>
/// It belongs to a version and names the blocks that the version it follows has and it has not itself.
/// </remarks>
internal readonly record struct DeadList(BlockPointer First, long Count)
{
    public static DeadList Empty => default;
}

/// <summary>A block that one line needs no more.</summary>
internal readonly record struct DeadEntry(long Block, long Birth);
