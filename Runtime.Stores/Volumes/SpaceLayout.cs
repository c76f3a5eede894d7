namespace Runtime.Stores.Volumes;

/// <summary>Where the tree of free space stands: in places of its own, which it never has to ask itself for.</summary>
/// <remarks>
/// Each of its blocks has three homes and takes the next one whenever it is written. So the commit before the newest,
/// which has it in the home before, stays whole; and writing free space changes no free space.
/// </remarks>
internal static class SpaceLayout
{
    /// <summary>
    /// How many blocks of the first <paramref name="regions"/> regions are superblocks or homes, and never given out.
    /// </summary>
    public static long FixedBefore(long regions)
    {
        long blocks = regions == 0 ? 0 : Format.Superblock.Blocks;
        for (int level = 0; level <= Format.Tree.MaxHeight; level++)
        {
            long nodes = (regions + (long)TreeRoot.Capacity(level) - 1) / (long)TreeRoot.Capacity(level);
            blocks += nodes * Format.Space.Homes;
        }

        return blocks;
    }

    /// <summary>How many blocks at a region's beginning are never given out.</summary>
    public static int FixedIn(long region) => (int)(FixedBefore(region + 1) - FixedBefore(region));

    /// <summary>How many regions the blocks before <paramref name="end"/> lie in.</summary>
    public static long Regions(long end) => (end + Format.Space.BlocksPerLeaf - 1) / Format.Space.BlocksPerLeaf;

    /// <summary>How many blocks must be kept back from ordinary commits.</summary>
    public static long Reserve(long end) => Math.Max(Format.Space.MinReserve, end / Format.Space.BlocksPerReserved);

    /// <summary>The home that a block of the tree takes next.</summary>
    /// <param name="level">0 for a leaf.</param>
    /// <param name="index">Of the leaf or node within its level.</param>
    /// <param name="old">Where it stands; a hole if it was never written.</param>
    public static long NextHome(int level, ulong index, in BlockPointer old)
    {
        long first = FirstHome(level, index);
        return old.IsHole ? first : first + ((old.Block - first + 1) % Format.Space.Homes);
    }

    /// <summary>Whether a pointer leads to a home of that block of the tree.</summary>
    public static bool IsHome(int level, ulong index, in BlockPointer pointer)
    {
        long first = FirstHome(level, index);
        return pointer.Block >= first && pointer.Block < first + Format.Space.Homes;
    }

    private static long FirstHome(int level, ulong index)
    {
        long region = (long)(index * TreeRoot.Capacity(level));
        return (region * Format.Space.BlocksPerLeaf)
            + (region == 0 ? Format.Superblock.Blocks : 0) + (level * Format.Space.Homes);
    }
}
