using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Writes the new blocks of one commit to free space; neighbours go to the disk together.</summary>
/// <remarks>Not thread safe; the commit lock guards it.</remarks>
/// <param name="disk">Where to.</param>
/// <param name="space">Gives the places.</param>
/// <param name="birth">Of every block of the commit.</param>
/// <param name="run">
/// The buffer in which neighbours gather: <see cref="RunBytes"/>, free for the next commit afterwards.
/// </param>
internal sealed class BlockWriter(IDisk disk, FreeSpace space, long birth, byte[] run)
{
    public const int RunBytes = 256 * Format.BlockSize;

    private readonly List<long> _freed = [];
    private long _runStart;
    private int _runLength;

    /// <summary>The blocks that the commit makes superfluous.</summary>
    public List<long> Freed => _freed;

    /// <summary>Gives the block a place; it reaches the disk with <see cref="Drain"/> at the latest.</summary>
    public BlockPointer Write(ReadOnlySpan<byte> block)
    {
        long number = space.Allocate();
        if (_runLength * Format.BlockSize == RunBytes || number != _runStart + _runLength)
        {
            Drain();
            _runStart = number;
        }

        Span<byte> copy = run.AsSpan(_runLength * Format.BlockSize, Format.BlockSize);
        block.CopyTo(copy);
        _runLength++;
        return new BlockPointer(number, birth, Crc32C.Compute(copy));
    }

    public void Free(in BlockPointer pointer)
    {
        if (!pointer.IsHole)
        {
            _freed.Add(pointer.Block);
        }
    }

    public void Drain()
    {
        if (_runLength > 0)
        {
            disk.WriteBlocks(new BlockNumber(_runStart), run.AsSpan(0, _runLength * Format.BlockSize));
            _runLength = 0;
        }
    }
}
