using System.Globalization;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Shows what stands in a volume's blocks, for people who debug; the text is for no program.</summary>
/// <remarks>Opens the volume for reading only, beside whoever has it open.</remarks>
public static class VolumeDump
{
    /// <summary>Writes all copies of the superblock, damaged or not, field by field.</summary>
    /// <exception cref="VolumeException">The directory or its file cannot be opened.</exception>
    public static void WriteSuperblocks(string directory, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using VolumeDirectory home = Open(directory);
        using IDisk disk = home.OpenData();
        IReadOnlyList<SuperblockCopy> copies = SuperblockCopy.ReadAll(disk);
        long newest = copies.Max(copy => copy.Superblock?.Sequence ?? -1);
        foreach (SuperblockCopy copy in copies)
        {
            var block = new BlockNumber(copy.Block);
            if (copy.Superblock is not { } superblock)
            {
                output.WriteLine($"superblock {block}: damaged: {copy.Problem}");
                continue;
            }

            output.WriteLine($"superblock {block}: {(superblock.Sequence == newest ? "newest" : "the commit before")}");
            Write(output, superblock);
        }
    }

    /// <summary>Writes what leads to a block in the newest commit, and what the block holds.</summary>
    /// <exception cref="VolumeException">The volume cannot be opened, or has no such block.</exception>
    public static void WriteBlock(
        string directory, BlockNumber block, TextWriter output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        using VolumeDirectory home = Open(directory);
        using IDisk disk = home.OpenData();
        Superblock newest = SuperblockSlots.Read(disk).Newest;
        var bytes = new byte[Format.BlockSize];
        disk.ReadBlocks(block, bytes);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"block {block}, the {block.Value}th, checksum {Crc32C.Compute(bytes):x8}"));
        if (new BlockSearch(new BlockReader(disk, newest.End), cancellationToken).Find(newest, block) is { } found)
        {
            output.WriteLine($"is {found.Role}");
            output.WriteLine($"led to by {found.Pointer.Text()}");
            BlockText.Write(output, found, bytes);
        }
        else
        {
            output.WriteLine("the newest commit does not lead to it");
            BlockText.WriteBytes(output, bytes);
        }
    }

    /// <summary>Until it is disposed a writer leaves alone what any commit may need.</summary>
    private static VolumeDirectory Open(string directory)
    {
        var home = VolumeDirectory.Open(directory, new VolumeOptions { ReadOnly = true }, SystemFiles.Instance);
        home.Readers?.Claim();
        return home;
    }

    private static void Write(TextWriter output, Superblock superblock)
    {
        BlockText.WriteField(output, "sequence", superblock.Sequence);
        BlockText.WriteField(output, "end", superblock.End);
        BlockText.WriteField(output, "next birth", superblock.NextBirth);
        BlockText.WriteField(output, "next container id", superblock.NextContainerId);
        BlockText.WriteField(output, "blocks in use", superblock.BlocksInUse);
        BlockText.WriteField(output, "blocks dead", superblock.BlocksDead);
        BlockText.WriteField(output, "catalogue", superblock.Catalogue.Text());
        BlockText.WriteField(output, "free space", superblock.Space.Text());
    }
}
