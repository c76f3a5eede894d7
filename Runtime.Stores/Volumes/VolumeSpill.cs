using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Storage;

namespace Runtime.Stores.Volumes;

/// <summary>
/// The hidden container of a volume: free blocks that hold pages which the kernel had to put somewhere, and to which
/// nothing on the disk leads.
/// </summary>
/// <remarks>
/// Thread safe. Like the blocks of a draft that is never committed: whatever ends the process, they are free again.
/// </remarks>
internal sealed class VolumeSpill(BlockStore store) : ISpill
{
    private readonly Lock _lock = new();                            // guards the fields below
    private readonly List<BlockPointer> _pages = [];                // by slot; a hole where there is none
    private readonly Stack<uint> _freeSlots = [];

    public uint Write(ReadOnlySpan<byte> page)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(page.Length, PageNumber.Size);
        store.ThrowIfClosedForWriting();
        long block = store.Space.Allocate(wanted: 1, mayUseReserve: false).Start;
        try
        {
            store.Disk.WriteBlocks(new BlockNumber(block), page);
        }
        catch
        {
            store.Space.Release([block]);
            throw;
        }

        var pointer = new BlockPointer(block, Birth: 0, Crc32C.Compute(page));
        lock (_lock)
        {
            if (_freeSlots.TryPop(out uint slot))
            {
                _pages[(int)slot] = pointer;
                return slot;
            }

            _pages.Add(pointer);
            return (uint)(_pages.Count - 1);
        }
    }

    public void Read(uint slot, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, PageNumber.Size);
        store.ThrowIfDisposed();
        try
        {
            store.Reader.Read(Find(slot), destination);
        }
        catch
        {
            // Bytes that failed their checksum must not be taken for data by anyone who catches this.
            destination.Clear();
            throw;
        }
    }

    public void Free(uint slot)
    {
        BlockPointer pointer = Find(slot);
        lock (_lock)
        {
            _pages[(int)slot] = BlockPointer.Hole;
            _freeSlots.Push(slot);
        }

        store.Space.Release([pointer.Block]);
    }

    private BlockPointer Find(uint slot)
    {
        lock (_lock)
        {
            BlockPointer pointer = slot < _pages.Count ? _pages[(int)slot] : BlockPointer.Hole;
            return pointer.IsHole
                ? throw new ArgumentOutOfRangeException(nameof(slot), slot, "no page is there")
                : pointer;
        }
    }
}
