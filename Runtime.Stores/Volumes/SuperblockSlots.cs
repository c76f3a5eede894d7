using Runtime.Core;
using Runtime.Core.Disks;
using static Runtime.Stores.Volumes.Format.Superblock;

namespace Runtime.Stores.Volumes;

/// <summary>
/// The four places of superblocks at the front of a disk: what stands in them, and how they are written.
/// </summary>
/// <remarks>
/// Two slots, written alternately, of two copies each, so that neither a torn commit nor one bad block is the end.
/// </remarks>
internal sealed class SuperblockSlots
{
    private readonly IDisk _disk;

    private SuperblockSlots(IDisk disk, Superblock newest, Superblock? previous)
    {
        _disk = disk;
        Newest = newest;
        Previous = previous;
    }

    public Superblock Newest { get; private set; }

    /// <summary>The commit before the newest, if its slot still holds it.</summary>
    public Superblock? Previous { get; private set; }

    /// <summary>Whether a disk holds no volume, nor anything else that could be lost.</summary>
    /// <remarks>
    /// A creation cut short leaves nothing but sectors of the block that it wrote, or zeroes. What consists of
    /// anything else was written by somebody.
    /// </remarks>
    public static bool IsVacant(IDisk disk)
    {
        if (disk.BlockCount > Superblock.First.End)
        {
            return false;
        }

        const int SectorSize = 512;
        byte[] first = Superblock.First.Encode();
        var block = new byte[Format.BlockSize];
        for (long number = 0; number < disk.BlockCount; number++)
        {
            disk.ReadBlocks(new BlockNumber(number), block);
            for (int sector = 0; sector < block.Length; sector += SectorSize)
            {
                ReadOnlySpan<byte> bytes = block.AsSpan(sector, SectorSize);
                if (bytes.ContainsAnyExcept((byte)0)
                    && (number >= Blocks || !bytes.SequenceEqual(first.AsSpan(sector, SectorSize))))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Makes a volume without containers of a vacant disk, durably, with its reserve.</summary>
    public static SuperblockSlots Create(IDisk disk)
    {
        byte[] first = Superblock.First.Encode();
        disk.WriteBlocks(new BlockNumber(0), [.. first, .. first, .. new byte[CopiesPerSlot * Format.BlockSize]]);
        if (disk.BlockCount < Superblock.First.End)
        {
            disk.Allocate(new BlockNumber(disk.BlockCount), Superblock.First.End - disk.BlockCount);
        }

        disk.Flush();
        return new SuperblockSlots(disk, Superblock.First, previous: null);
    }

    /// <summary>Finds the newest superblock of which a copy is whole. What it points to is not looked at.</summary>
    public static SuperblockSlots Read(IDisk disk)
    {
        if (disk.BlockCount < Blocks)
        {
            throw new VolumeException(
                Status.IoError,
                $"not a volume, or one cut short: {disk.BlockCount} of {Blocks} superblocks are there");
        }

        Superblock? newest = null;
        Superblock? previous = null;
        uint? newerFormat = null;
        bool anyMagic = false;
        Exception? unreadable = null;
        var block = new byte[Format.BlockSize];
        for (int copy = 0; copy < Blocks; copy++)
        {
            try
            {
                disk.ReadBlocks(new BlockNumber(copy), block);
            }
            catch (VolumeException e)
            {
                unreadable = e;
                continue;
            }

            if (!Superblock.HasMagic(block))
            {
                continue;
            }

            anyMagic = true;
            if (Superblock.VersionOf(block) != Format.Version)
            {
                newerFormat = Superblock.HasChecksum(block)
                    ? throw NewerFormat(Superblock.VersionOf(block))
                    : Superblock.VersionOf(block);
            }
            else if (Superblock.HasChecksum(block) && Superblock.Decode(block, copy / CopiesPerSlot) is { } found)
            {
                (newest, previous) = found.Sequence > (newest?.Sequence ?? -1) ? (found, newest) :
                    found.Sequence < newest!.Sequence ? (newest, found) : (newest, previous);
            }
        }

        if (newest is null)
        {
            throw newerFormat is { } version ? NewerFormat(version) : new VolumeException(
                Status.IoError,
                anyMagic
                    ? "every copy of the superblock is damaged (blocks 0 to 3)"
                    : "not a volume: no superblock in blocks 0 to 3",
                unreadable);
        }

        if (newest.End > disk.BlockCount)
        {
            throw new VolumeException(
                Status.IoError,
                $"the volume is cut short: it has {newest.End} blocks, the disk only {disk.BlockCount}");
        }

        return new SuperblockSlots(disk, newest, previous?.Sequence == newest.Sequence - 1 ? previous : null);
    }

    /// <summary>The same while a commit may be writing one of them, or making the disk longer.</summary>
    public static SuperblockSlots ReadBesideWriter(IDisk disk)
    {
        const int Tries = 20;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return Read(disk);
            }
            catch (VolumeException e) when (e.Status == Status.IoError && attempt < Tries)
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Writes the newest superblock's copies again, one after the other.</summary>
    /// <remarks>
    /// After a kill the superblock may exist only in the page cache: it must be durable before anything is built on it,
    /// and one copy must be whole on the medium at every moment.
    /// </remarks>
    public void Rewrite()
    {
        byte[] block = Newest.Encode();
        for (int copy = 0; copy < CopiesPerSlot; copy++)
        {
            _disk.WriteBlocks(new BlockNumber((Newest.Slot * CopiesPerSlot) + copy), block);
            _disk.Flush();
        }
    }

    /// <summary>Writes damaged copies again, each from the other copy of its slot.</summary>
    /// <remarks>
    /// One after the other, a flush after each. Of the newest slot a copy that is older than the other is one that a
    /// power cut kept from being written: that is mended, too.
    /// </remarks>
    /// <returns>What was damaged, and what was done about it.</returns>
    /// <exception cref="VolumeException">There is no whole copy, or writing failed.</exception>
    public static IReadOnlyList<VolumeDamage> Repair(IDisk disk)
    {
        Superblock newest = Read(disk).Newest;
        var repairs = new List<VolumeDamage>();
        foreach (SuperblockCopy[] slot in SuperblockCopy.ReadAll(disk).Chunk(CopiesPerSlot))
        {
            SuperblockCopy? whole = slot.MaxBy(copy => copy.Superblock?.Sequence ?? -1);
            if (newest.Sequence == 0 && whole!.Superblock is null)
            {
                continue;                                           // no commit was made yet that goes there
            }

            foreach (SuperblockCopy copy in slot)
            {
                if (copy.Problem is not null || (copy.Superblock != newest && whole?.Superblock == newest))
                {
                    repairs.Add(Repair(disk, copy, whole?.Superblock is null ? null : whole));
                }
            }
        }

        return repairs;
    }

    private static VolumeDamage Repair(IDisk disk, SuperblockCopy copy, SuperblockCopy? whole)
    {
        var block = new BlockNumber(copy.Block);
        string problem = copy.Problem ?? $"it is older than the other copy ({copy.Superblock!.Sequence})";
        if (whole is null)
        {
            return new VolumeDamage(
                block,
                Container: null,
                Interval: null,
                Page: null,
                $"superblock {block}: {problem}; the next commit writes it anew");
        }

        disk.WriteBlocks(block, whole.Superblock!.Encode());
        disk.Flush();
        return new VolumeDamage(
            block,
            Container: null,
            Interval: null,
            Page: null,
            $"superblock {block}: {problem}; written again from {new BlockNumber(whole.Block)}");
    }

    /// <summary>Commits: the next superblock takes both copies of the other slot.</summary>
    public void Write(Superblock next)
    {
        byte[] block = next.Encode();
        _disk.WriteBlocks(new BlockNumber(next.Slot * CopiesPerSlot), [.. block, .. block]);
        _disk.Flush();
        (Newest, Previous) = (next, Newest);
    }

    private static VolumeException NewerFormat(uint version) => new(
        Status.NotSupported,
        $"the volume has format version {version}; this build reads version {Format.Version} only");
}
