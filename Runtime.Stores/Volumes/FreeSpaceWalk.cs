using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>Finds the free blocks of a volume: those that neither of its two superblocks leads to.</summary>
internal sealed class FreeSpaceWalk(BlockReader reader) : BlockWalk(reader)
{
    private bool _damaged;

    public static FreeSpace Find(BlockReader reader, SuperblockSlots slots)
    {
        var walk = new FreeSpaceWalk(reader);
        walk.Catalogue(slots.Newest);
        if (slots.Previous is not null)
        {
            walk.Catalogue(slots.Previous);
        }

        // What a damaged block led to is in use, but unknown: then nothing below the end is safe to write.
        return walk._damaged
            ? new FreeSpace(new BlockSet(), start: slots.Newest.End, end: slots.Newest.End)
            : new FreeSpace(walk.Seen, start: Format.Superblock.FirstDataBlock, end: slots.Newest.End);
    }

    protected override void Damaged(long block, PageNumber? page, VolumeException damage) => _damaged = true;
}
