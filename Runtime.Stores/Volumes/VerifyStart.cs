using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>
/// A superblock, and what of a commit is written again soon: both of its copies, and the blocks of its free space.
/// </summary>
internal sealed class VerifyStart
{
    private readonly List<(long Block, VolumeException Reason)> _badCopies = [];

    private VerifyStart(BlockReader reader, Superblock superblock, SpaceReport? before)
    {
        Reader = reader;
        Superblock = superblock;
        Space = new SpaceReport(before);
    }

    /// <summary>Reads what this commit leads to.</summary>
    public BlockReader Reader { get; }

    public Superblock Superblock { get; }

    public SpaceReport Space { get; }

    /// <summary>One is enough to open the volume; that the other is damaged should be known.</summary>
    public IReadOnlyList<(long Block, VolumeException Reason)> BadCopies => _badCopies;

    /// <summary>Of the newest commit, while no other is made.</summary>
    public static VerifyStart Read(IDisk disk, Superblock superblock) => Read(disk, superblock, before: null);

    /// <summary>
    /// Of the newest commit, while others are made: again and again, until nothing of it was overwritten meanwhile.
    /// What two commits share is read once, so that no writer is faster for long.
    /// </summary>
    /// <remarks>The caller has a place among the readers, so that all else stays.</remarks>
    public static VerifyStart ReadBesideWriter(IDisk disk, CancellationToken cancellationToken)
    {
        VerifyStart? start = null;
        Superblock newest = SuperblockSlots.ReadBesideWriter(disk).Newest;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            start = Read(disk, newest, before: start?.Space);
            newest = SuperblockSlots.ReadBesideWriter(disk).Newest;

            // A commit overwrites nothing of the one before it.
            if (newest == start.Superblock || (start.BadCopies.Count == 0 && start.Space.Damages.Count == 0))
            {
                return start;
            }
        }
    }

    private static VerifyStart Read(IDisk disk, Superblock superblock, SpaceReport? before)
    {
        var reader = new BlockReader(disk, superblock.End);
        var start = new VerifyStart(reader, superblock, before);
        for (int copy = 0; copy < Format.Superblock.CopiesPerSlot; copy++)
        {
            start.Copy(disk, (superblock.Slot * Format.Superblock.CopiesPerSlot) + copy);
        }

        start.Space.Read(reader, superblock);
        return start;
    }

    private void Copy(IDisk disk, long number)
    {
        var block = new byte[Format.BlockSize];
        try
        {
            disk.ReadBlocks(new BlockNumber(number), block);
            if (!Superblock.HasMagic(block) || !Superblock.HasChecksum(block))
            {
                throw Damage.At(number, "this copy of the superblock is not whole");
            }
        }
        catch (VolumeException e)
        {
            _badCopies.Add((number, e));
        }
    }
}
