using System.Numerics;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;

namespace Runtime.Stores.Managers.SelfManaging;

/// <summary>
/// Which blocks of the disk are free: a bitmap in the tables, for the pages of other containers; and, in memory alone,
/// those that the bitmap does not tell of.
/// </summary>
/// <remarks>Guarded by its own lock: the tables' pages are saved while other containers are not.</remarks>
internal sealed class DiskSpace(ContainerView tables, IDisk disk)
{
    private readonly Lock _lock = new();                            // guards the fields below
    private readonly HashSet<uint> _held = [];
    private readonly List<uint> _freed = [];                        // held until a commit says so
    private readonly Stack<uint> _reserve = [];                     // held, for the tables
    private long _end;                                              // from here on nothing was ever used
    private uint _next = 1;                                         // none is free below; block 0 is never used

    /// <summary>Takes a free block, for content that no commit names yet.</summary>
    /// <exception cref="KernelException"><see cref="Status.NoResources"/>: the bitmap has no bit left.</exception>
    internal uint Allocate()
    {
        lock (_lock)
        {
            while (_next < SelfTables.BlockLimit)
            {
                uint block = _next;
                ulong word = tables.Read<ulong>(SelfTables.BitmapAt(block)) >> (int)(block % 64);
                int taken = BitOperations.TrailingZeroCount(~word);
                if (taken > 0)
                {
                    int skipped = Math.Min(taken, 64 - (int)(block % 64));
                    _next = block + (uint)skipped;
                    continue;
                }

                _next = block + 1;
                if (_held.Add(block))
                {
                    return block;
                }
            }

            throw NoBlocks();
        }
    }

    /// <summary>Sets blocks aside: while the tables themselves are saved, nobody can look into them.</summary>
    internal void Reserve(long count)
    {
        lock (_lock)
        {
            while (_reserve.Count < count)
            {
                _reserve.Push(Allocate());
            }
        }
    }

    /// <summary>Takes a block for the tables: one that was set aside, or else one behind all others.</summary>
    internal uint AllocateForTables()
    {
        lock (_lock)
        {
            if (_reserve.TryPop(out uint block))
            {
                return block;
            }

            for (_end = Math.Max(_end, disk.BlockCount); _end < SelfTables.BlockLimit; _end++)
            {
                if (_end > 0 && _held.Add((uint)_end))
                {
                    return (uint)_end++;
                }
            }

            throw NoBlocks();
        }
    }

    /// <summary>A block of the manager's own, in use since an earlier life.</summary>
    internal void Hold(ulong entry)
    {
        if (entry != 0)
        {
            lock (_lock)
            {
                _held.Add(BlockEntry.BlockOf(entry));
            }
        }
    }

    /// <summary>A block that no commit has named is free again.</summary>
    internal void Drop(ulong entry)
    {
        lock (_lock)
        {
            Free(BlockEntry.BlockOf(entry));
        }
    }

    /// <summary>The next commit does not name it any more; only then it is free.</summary>
    internal void FreeLater(ulong entry)
    {
        if (entry != 0)
        {
            lock (_lock)
            {
                _held.Add(BlockEntry.BlockOf(entry));
                _freed.Add(BlockEntry.BlockOf(entry));
            }
        }
    }

    /// <summary>The tables say that a block is in use.</summary>
    internal void Note(ulong entry, bool isUsed)
    {
        if (entry == 0)
        {
            return;
        }

        lock (_lock)
        {
            uint block = BlockEntry.BlockOf(entry);
            ulong word = tables.Read<ulong>(SelfTables.BitmapAt(block));
            ulong bit = 1UL << (int)(block % 64);
            tables.Write(SelfTables.BitmapAt(block), isUsed ? word | bit : word & ~bit);
            if (isUsed)
            {
                _held.Remove(block);
                _freed.Remove(block);
            }
            else
            {
                _held.Add(block);
            }
        }
    }

    /// <summary>A commit is durable: what it does not name is free.</summary>
    internal void Release()
    {
        lock (_lock)
        {
            _freed.ForEach(Free);
            _freed.Clear();
        }
    }

    private void Free(uint block)
    {
        if (_held.Remove(block))
        {
            _next = Math.Min(_next, block);
        }
    }

    private static KernelException NoBlocks() => new(
        Status.NoResources, $"all {SelfTables.BlockLimit} blocks that the tables have room for are in use");
}
