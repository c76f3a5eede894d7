using Runtime.Core;
using Runtime.Core.Disks;
using static Runtime.Stores.Logs.LogFormat.Header;

namespace Runtime.Stores.Logs;

/// <summary>The four places of headers at the file's front: what stands in them, and how they are written.</summary>
/// <remarks>
/// Two slots, written alternately, of two copies each, so that neither a torn header nor one bad block is the end.
/// </remarks>
internal sealed class LogHeaders(IDisk disk, LogHeader newest)
{
    public LogHeader Newest { get; private set; } = newest;

    /// <summary>Whether there is no log yet, nor anything else that could be lost.</summary>
    /// <remarks>A creation cut short leaves nothing but sectors of the block that it wrote, or zeroes.</remarks>
    public static bool IsVacant(IDisk disk)
    {
        if (disk.BlockCount > Blocks)
        {
            return false;
        }

        const int SectorSize = 512;
        byte[] first = LogHeader.First.Encode();
        var block = new byte[LogFormat.BlockSize];
        for (long number = 0; number < disk.BlockCount; number++)
        {
            disk.ReadBlocks(new BlockNumber(number), block);
            for (int sector = 0; sector < block.Length; sector += SectorSize)
            {
                ReadOnlySpan<byte> bytes = block.AsSpan(sector, SectorSize);
                if (bytes.ContainsAnyExcept((byte)0) && !bytes.SequenceEqual(first.AsSpan(sector, SectorSize)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Makes a log without records of a vacant file, durably.</summary>
    public static LogHeaders Create(IDisk disk)
    {
        byte[] first = LogHeader.First.Encode();
        disk.WriteBlocks(new BlockNumber(0), [.. first, .. first, .. new byte[CopiesPerSlot * LogFormat.BlockSize]]);
        disk.Flush();
        return new LogHeaders(disk, LogHeader.First);
    }

    /// <summary>Finds the newest header of which a copy is whole.</summary>
    public static LogHeaders Read(IDisk disk)
    {
        LogHeader? newest = null;
        uint? otherFormat = null;
        Exception? unreadable = null;
        var block = new byte[LogFormat.BlockSize];
        for (int copy = 0; copy < Math.Min(Blocks, disk.BlockCount); copy++)
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

            if (!LogHeader.HasMagic(block))
            {
                continue;
            }

            if (LogHeader.VersionOf(block) is not LogFormat.Version and uint version)
            {
                otherFormat = LogHeader.HasChecksum(block) ? throw OtherFormat(version) : version;
            }
            else if (LogHeader.HasChecksum(block) && LogHeader.Decode(block, copy / CopiesPerSlot) is { } found)
            {
                newest = found.Sequence > (newest?.Sequence ?? -1) ? found : newest;
            }
        }

        if (newest is null)
        {
            throw otherFormat is { } version
                ? OtherFormat(version)
                : new VolumeException(
                    Status.IoError,
                    "kernel.log is damaged: no copy of its header is whole (blocks 0 to 3)",
                    unreadable);
        }

        if (newest.Start + newest.Durable > disk.BlockCount)
        {
            throw new VolumeException(
                Status.IoError,
                $"kernel.log is cut short: {newest.Start + newest.Durable} of its blocks were durable, "
                    + $"{disk.BlockCount} are there");
        }

        return new LogHeaders(disk, newest);
    }

    /// <summary>Writes one of the newest header's copies again, as it is.</summary>
    /// <remarks>
    /// After a kill it may exist only in the page cache: it must be durable before the other slot is written.
    /// </remarks>
    public void RewriteCopy() =>
        disk.WriteBlocks(new BlockNumber(Newest.Slot * CopiesPerSlot), Newest.Encode());

    /// <summary>Makes a header the newest one, durably: it takes both copies of the other slot.</summary>
    public void Write(LogHeader next)
    {
        Put(next);
        disk.Flush();
        Newest = next;
    }

    /// <summary>The same, durable whenever the system pleases; for the last one that is written.</summary>
    public void Put(LogHeader next)
    {
        if (!next.IsPossible)
        {
            throw new VolumeException(Status.NoResources, "kernel.log has used up its numbers");
        }

        byte[] block = next.Encode();
        disk.WriteBlocks(new BlockNumber(next.Slot * CopiesPerSlot), [.. block, .. block]);
    }

    private static VolumeException OtherFormat(uint version) => new(
        Status.NotSupported,
        $"kernel.log has format version {version}; this build reads version {LogFormat.Version} only");
}
