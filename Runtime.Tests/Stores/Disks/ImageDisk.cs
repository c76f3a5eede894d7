using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Disks;

/// <summary>A disk in memory that shares its blocks with others until it writes them: a copy costs an array.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class ImageDisk : IDisk
{
    private ImageBlock?[] _blocks;

    public ImageDisk()
        : this([], 0)
    {
    }

    private ImageDisk(ImageBlock?[] blocks, long blockCount)
    {
        _blocks = blocks;
        BlockCount = blockCount;
    }

    public long BlockCount { get; private set; }

    public bool IsReadOnly { get; init; }

    /// <summary>Blocks beyond which the medium is full.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>How many writes of a block changed it.</summary>
    public int Changes { get; private set; }

    public ImageBlock this[long block]
    {
        get => block < _blocks.Length ? _blocks[block] ?? ImageBlock.Zero : ImageBlock.Zero;
        set
        {
            Grow(block + 1);
            _blocks[block] = value;
        }
    }

    /// <summary>The same content, and from now on a disk of its own.</summary>
    public ImageDisk Copy() => new([.. _blocks], BlockCount);

    /// <summary>Copies everything that a disk holds.</summary>
    public static ImageDisk Of(IDisk disk)
    {
        var image = new ImageDisk();
        image.Grow(disk.BlockCount);
        var bytes = new byte[IDisk.BlockSize];
        for (long block = 0; block < disk.BlockCount; block++)
        {
            disk.ReadBlocks(new BlockNumber(block), bytes);
            image._blocks[block] = new ImageBlock(bytes);
        }

        return image;
    }

    /// <summary>Extends it by blocks of zeroes.</summary>
    public void Grow(long blockCount)
    {
        if (blockCount > _blocks.Length)
        {
            Array.Resize(ref _blocks, (int)Math.Max(blockCount, _blocks.Length * 2));
        }

        BlockCount = Math.Max(BlockCount, blockCount);
    }

    /// <summary>Loses everything from a block on.</summary>
    public void Truncate(long blockCount)
    {
        Array.Resize(ref _blocks, (int)blockCount);
        BlockCount = blockCount;
    }

    /// <summary>Changes a byte behind everyone's back.</summary>
    public void Flip(long block, int offset, byte mask = 0x40)
    {
        byte[] bytes = [.. this[block].Bytes];
        bytes[offset] ^= mask;
        this[block] = new ImageBlock(bytes);
    }

    public void ReadBlocks(BlockNumber first, Span<byte> destination)
    {
        if (first.Value < 0 || first.Value + (destination.Length / IDisk.BlockSize) > BlockCount)
        {
            throw new VolumeException(Status.OutOfRange, $"read at {first} beyond the end");
        }

        for (long block = first.Value; destination.Length > 0; block++)
        {
            this[block].Bytes.CopyTo(destination);
            destination = destination[IDisk.BlockSize..];
        }
    }

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        ThrowIfFull(first.Value + (source.Length / IDisk.BlockSize));
        for (long block = first.Value; source.Length > 0; block++)
        {
            ReadOnlySpan<byte> bytes = source[..IDisk.BlockSize];
            if (block >= BlockCount || !bytes.SequenceEqual(this[block].Bytes))
            {
                Changes++;
                this[block] = new ImageBlock(bytes);
            }

            source = source[IDisk.BlockSize..];
        }
    }

    public void Allocate(BlockNumber first, long count)
    {
        ThrowIfFull(first.Value + count);
        Grow(first.Value + count);
    }

    public void Flush()
    {
    }

    public void Dispose()
    {
    }

    private void ThrowIfFull(long blockCount)
    {
        if (IsReadOnly)
        {
            throw new VolumeException(Status.PermissionDenied, "the disk is read-only");
        }

        if (blockCount > Capacity)
        {
            throw new VolumeException(Status.NoResources, "simulated: no space left");
        }
    }
}
