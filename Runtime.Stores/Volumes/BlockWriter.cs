using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Writes the nodes and records of one commit to free space; neighbours go to the disk together.</summary>
/// <remarks>Not thread safe; the commit lock guards it.</remarks>
/// <param name="disk">Where to.</param>
/// <param name="reader">Remembers what was written.</param>
/// <param name="space">Gives the places.</param>
/// <param name="mayUseReserve">Whether the commit makes room, and so may be made on a full disk.</param>
/// <param name="run">
/// The buffer in which neighbours gather: <see cref="RunBytes"/>, free for the next commit afterwards.
/// </param>
internal sealed class BlockWriter(
    IDisk disk, BlockReader reader, FreeSpace space, bool mayUseReserve, byte[] run)
{
    public const int RunBytes = 256 * Format.BlockSize;

    private long _runStart;
    private int _runLength;

    /// <summary>Whether the commit is made in order to have more room.</summary>
    public bool MakesRoom => mayUseReserve;

    /// <summary>The blocks that the commit took.</summary>
    public BlockSet Allocated { get; } = [];

    /// <summary>The blocks that the commit makes superfluous.</summary>
    public BlockSet Freed { get; } = [];

    /// <summary>Gives the block a place; it reaches the disk with <see cref="Drain"/> at the latest.</summary>
    public BlockPointer Write(ReadOnlySpan<byte> block, long birth)
    {
        long number = space.Allocate(wanted: 1, mayUseReserve).Start;
        Allocated.Add(number);
        reader.End = Math.Max(reader.End, number + 1); // the commit itself may follow a pointer to it
        if (_runLength * Format.BlockSize == RunBytes || number != _runStart + _runLength)
        {
            Drain();
            _runStart = number;
        }

        Span<byte> copy = run.AsSpan(_runLength * Format.BlockSize, Format.BlockSize);
        block.CopyTo(copy);
        _runLength++;
        var pointer = new BlockPointer(number, birth, Crc32C.Compute(copy));
        reader.Remember(pointer, copy);
        return pointer;
    }

    /// <exception cref="Core.VolumeException">The same block twice: something led to it from two places.</exception>
    public void Free(long block)
    {
        if (!Freed.Add(block))
        {
            throw Damage.At(block, "it is used twice");
        }
    }

    public void Drain()
    {
        if (_runLength > 0)
        {
            int length = _runLength;
            _runLength = 0;
            disk.WriteBlocks(new BlockNumber(_runStart), run.AsSpan(0, length * Format.BlockSize));
        }
    }
}
