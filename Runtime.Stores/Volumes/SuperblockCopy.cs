using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>One of the places of superblocks, looked at by itself.</summary>
/// <param name="Block">Where it is.</param>
/// <param name="Superblock">What stands there; null if it is damaged.</param>
/// <param name="Problem">Why it is damaged; null if it is whole.</param>
internal sealed record SuperblockCopy(long Block, Superblock? Superblock, string? Problem)
{
    public static IReadOnlyList<SuperblockCopy> ReadAll(IDisk disk) =>
        [.. Enumerable.Range(0, (int)Format.Superblock.Blocks).Select(block => Read(disk, block))];

    private static SuperblockCopy Read(IDisk disk, int number)
    {
        var block = new byte[Format.BlockSize];
        try
        {
            disk.ReadBlocks(new BlockNumber(number), block);
        }
        catch (VolumeException e)
        {
            return new SuperblockCopy(number, null, e.Message);
        }

        int slot = number / Format.Superblock.CopiesPerSlot;
        Superblock? found = null;
        string? problem =
            !Superblock.HasMagic(block) ? "it does not begin as a superblock does"
            : Superblock.VersionOf(block) != Format.Version ? $"it has format version {Superblock.VersionOf(block)}"
            : !Superblock.HasChecksum(block) ? "its checksum is not that of its bytes"
            : (found = Superblock.Decode(block, slot)) is null ? "no writer makes such a superblock"
            : null;
        return new SuperblockCopy(number, found, problem);
    }
}
