using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Gives out blocks that no durable commit needs, and remembers who has them.</summary>
/// <remarks>
/// Thread safe. Bitmaps are read when a region is first needed. Blocks of drafts are taken in memory only; a commit
/// records those that it was given, and nobody else's. What commit n frees may be written again once commit n+1 is
/// durable: until then n-1 is still in its slot, and n-1 needs it; and not before all readers of older commits are
/// gone. What was free at opening is <em>held</em> while there are readers of whose needs nobody knows.
/// </remarks>
internal sealed class FreeSpace
{
    private const long MinStep = 64;
    private const long MaxStep = 4096;
    private const long PartOfStep = 16;

    private readonly Lock _lock = new();                            // guards the fields below
    private readonly IDisk _disk;
    private readonly SpaceTree _tree;
    private readonly Dictionary<long, SpaceLeaf> _leaves = [];
    private readonly HashSet<long> _unread = [];                    // regions whose older bitmap could not be read
    private readonly WaitingBlocks _waiting = new();
    private VolumeException? _damage;
    private Superblock _newest;
    private Superblock? _previous;                                  // null once a commit was made
    private long _end;
    private long _cursor = Format.Superblock.Blocks;
    private long _unrecorded;
    private long _heldEnd;                                          // free blocks before it are held
    private long _heldCount;
    private bool _hasReaders;
    private bool? _canGrow;                                         // null until it was tried

    /// <param name="disk">Where the blocks are.</param>
    /// <param name="tree">What the disk says of them.</param>
    /// <param name="newest">The newest commit.</param>
    /// <param name="previous">The one before, if it can still be the newest one day.</param>
    /// <param name="isHeld">Whether blocks that are free now are held, until <see cref="EndHold"/>.</param>
    public FreeSpace(IDisk disk, SpaceTree tree, Superblock newest, Superblock? previous, bool isHeld = false)
    {
        _disk = disk;
        _tree = tree;
        _newest = newest;
        _previous = previous;
        _end = newest.End;
        if (isHeld)
        {
            _previous = null; // held is what it needs, too
            _heldCount = AvailableBefore(_end);
            _heldEnd = _end;
        }
    }

    /// <summary>Every block before it is on the medium; none at or beyond it is in use.</summary>
    public long End
    {
        get
        {
            lock (_lock)
            {
                return _end;
            }
        }
    }

    /// <summary>How many blocks may be given out now, the reserve included.</summary>
    public long Available
    {
        get
        {
            lock (_lock)
            {
                return AvailableBefore(_end);
            }
        }
    }

    /// <summary>
    /// Whether little is free, but more will be with the next commit, and the medium is not known to have more.
    /// </summary>
    public bool NeedsNextCommit
    {
        get
        {
            lock (_lock)
            {
                return _canGrow is not true && _waiting.Count > AvailableBefore(_end) - SpaceLayout.Reserve(_end);
            }
        }
    }

    /// <summary>Takes up to <paramref name="wanted"/> blocks side by side, at least one.</summary>
    /// <exception cref="VolumeException">
    /// <see cref="Status.NoResources"/>: the medium has no more, but for the reserve.
    /// </exception>
    public BlockRun Allocate(int wanted, bool mayUseReserve)
    {
        lock (_lock)
        {
            _damage = null;
            long budget = AvailableBefore(_end) - (mayUseReserve ? 0 : SpaceLayout.Reserve(_end));
            if (budget > 0 && Find((int)Math.Min(wanted, budget)) is { } run)
            {
                return run;
            }

            long before = _end;
            Extend(wanted, mayUseReserve);
            _cursor = before;
            budget = AvailableBefore(_end) - (mayUseReserve ? 0 : SpaceLayout.Reserve(_end));
            return Find((int)Math.Clamp(budget, 1, wanted))
                ?? throw _damage ?? new VolumeException(Status.IoError, "the volume's count of free blocks is wrong");
        }
    }

    /// <summary>Gives back blocks that no commit has recorded: at once, since nothing leads to them.</summary>
    public void Release(IEnumerable<long> blocks)
    {
        lock (_lock)
        {
            foreach (long block in blocks)
            {
                _leaves[block / Format.Space.BlocksPerLeaf].Release((int)(block % Format.Space.BlocksPerLeaf));
                _unrecorded--;
            }
        }
    }

    /// <summary>The bitmaps that a commit changes, ascending; nothing has happened yet.</summary>
    /// <param name="used">Blocks that it begins to use, every one given out before.</param>
    /// <param name="freed">Blocks that it no longer needs.</param>
    /// <exception cref="VolumeException">A block is freed that is not in use, or a bitmap cannot be read.</exception>
    public List<(long Region, byte[] Bitmap)> Change(IEnumerable<long> used, BlockSet freed)
    {
        lock (_lock)
        {
            var changed = new SortedDictionary<long, ulong[]>();
            foreach (long block in used)
            {
                Word(changed, block) |= SpaceLeaf.Bit(block);
            }

            foreach (long block in freed)
            {
                ref ulong word = ref Word(changed, block);
                if ((word & SpaceLeaf.Bit(block)) == 0)
                {
                    throw Damage.At(block, "it was to become free and was not in use");
                }

                word &= ~SpaceLeaf.Bit(block);
            }

            return [.. changed.Select(c => (c.Key, MemoryMarshal.AsBytes(c.Value.AsSpan()).ToArray()))];
        }
    }

    /// <summary>The commit is durable.</summary>
    /// <param name="newest">Its superblock.</param>
    /// <param name="changed">Its <see cref="Change"/>.</param>
    /// <param name="usedCount">How many blocks it began to use.</param>
    /// <param name="freed">They wait for the next commit, and for readers.</param>
    /// <param name="readers">The commits that somebody reads.</param>
    public void Commit(
        Superblock newest,
        List<(long Region, byte[] Bitmap)> changed,
        long usedCount,
        BlockSet freed,
        IReadOnlyCollection<long> readers)
    {
        lock (_lock)
        {
            foreach ((long region, byte[] bitmap) in changed)
            {
                _leaves[region].Record(bitmap);
            }

            _unrecorded -= usedCount;
            _newest = newest;
            _previous = null;
            _hasReaders = readers.Count > 0;
            _waiting.Add(newest.Sequence, freed);
            foreach (long block in _waiting.Take(newest.Sequence, readers).SelectMany(blocks => blocks))
            {
                _leaves[block / Format.Space.BlocksPerLeaf].Release((int)(block % Format.Space.BlocksPerLeaf));
            }
        }
    }

    /// <summary>Those whom nobody knew are gone, and another commit has been made since the opening.</summary>
    public void EndHold()
    {
        lock (_lock)
        {
            (_heldEnd, _heldCount) = (0, 0);
            foreach (SpaceLeaf leaf in _leaves.Values)
            {
                leaf.EndHold();
            }
        }
    }

    private long AvailableBefore(long end) =>
        end - SpaceLayout.FixedBefore(SpaceLayout.Regions(end)) - _newest.BlocksInUse - _unrecorded - _waiting.Count
            - _heldCount;

    private BlockRun? Find(int wanted)
    {
        long regions = SpaceLayout.Regions(_end);
        long first = Math.Min(_cursor, _end - 1) / Format.Space.BlocksPerLeaf;

        // The region of the cursor comes twice: first what follows the cursor, last what stands before it.
        for (long step = 0; step <= regions; step++)
        {
            long region = (first + step) % regions;
            if (Leaf(region) is not { Free: > 0 } leaf)
            {
                continue;
            }

            long start = region * Format.Space.BlocksPerLeaf;
            int from = step == 0 ? (int)Math.Clamp(_cursor - start, 0, Format.Space.BlocksPerLeaf) : 0;
            int to = (int)Math.Min(Format.Space.BlocksPerLeaf, _end - start);
            (int found, int count) = leaf.Take(from, to, wanted);
            if (count > 0)
            {
                _cursor = start + found + count;
                _unrecorded += count;
                return new BlockRun(start + found, count);
            }
        }

        return null;
    }

    /// <summary>Gets room from the medium: generously, so that it is asked seldom, or just enough.</summary>
    private void Extend(int wanted, bool mayUseReserve)
    {
        long step = Math.Clamp(_end / PartOfStep, MinStep, MaxStep);
        if (!TryExtend(wanted + step, mayUseReserve, mayFail: true))
        {
            TryExtend(wanted: 1, mayUseReserve, mayFail: false);
        }
    }

    private bool TryExtend(long wanted, bool mayUseReserve, bool mayFail)
    {
        // Every block added brings the reserve nearer to its mark, but for homes where a region begins.
        long end = _end + 1;
        long missing;
        while ((missing = wanted - AvailableBefore(end) + (mayUseReserve ? 0 : SpaceLayout.Reserve(end))) > 0
            && end <= Format.Space.MaxBlocks)
        {
            end += missing;
        }

        if (end > Format.Space.MaxBlocks)
        {
            throw new VolumeException(Status.NoResources, "the volume is as large as its format allows");
        }

        try
        {
            if (end > _disk.BlockCount)
            {
                long from = Math.Max(_end, _disk.BlockCount);
                _disk.Allocate(new BlockNumber(from), end - from);
            }

            _end = end;
            _canGrow = true;
            return true;
        }
        catch (VolumeException e) when (mayFail && e.Status == Status.NoResources)
        {
            _canGrow = false;
            return false;
        }
        catch (VolumeException e) when (e.Status == Status.NoResources && (_heldCount > 0 || _hasReaders))
        {
            throw new VolumeException(
                e.Status,
                $"{e.Message}; {_heldCount + _waiting.Count} blocks are free but for readers of older commits",
                e);
        }
    }

    /// <returns>
    /// Null if its bitmap cannot be read: then none of its blocks is safe to write. The next who needs it tries again,
    /// since a medium may fail once and not for good.
    /// </returns>
    private SpaceLeaf? Leaf(long region)
    {
        if (_leaves.TryGetValue(region, out SpaceLeaf? known))
        {
            return known;
        }

        var recorded = new byte[Format.BlockSize];
        byte[] previous;
        try
        {
            _tree.Read(_newest.Space, _newest.Holder, region, recorded);
            previous = _previous is null ? [] : ReadPrevious(_previous, region);
        }
        catch (VolumeException e)
        {
            _damage = e;
            return null;
        }

        long first = region * Format.Space.BlocksPerLeaf;
        var leaf = new SpaceLeaf(
            recorded,
            previous,
            SpaceLayout.FixedIn(region),
            heldBlocks: (int)Math.Clamp(_heldEnd - first, 0, Format.Space.BlocksPerLeaf));
        _waiting.Add(_newest.Sequence, [.. leaf.Waiting.Select(block => first + block)]);
        _leaves.Add(region, leaf);
        return leaf;
    }

    /// <returns>
    /// Empty if the older commit's free space is damaged: that commit is not whole and need not be kept so.
    /// </returns>
    /// <exception cref="VolumeException">
    /// The medium failed for the first time. If it fails again, all that the older commit may use counts as in use: it
    /// stays whole, and what is free in it waits for the next commit.
    /// </exception>
    private byte[] ReadPrevious(Superblock previous, long region)
    {
        var bitmap = new byte[Format.BlockSize];
        try
        {
            _tree.Read(previous.Space, previous.Holder, region, bitmap);
            _unread.Remove(region);
            return bitmap;
        }
        catch (VolumeException e) when (Damage.IsReasonOf(e) || e.Status == Status.OutOfRange)
        {
            return [];
        }
        catch (VolumeException)
        {
            if (_unread.Add(region))
            {
                throw;
            }

            long end = Math.Clamp(previous.End - (region * Format.Space.BlocksPerLeaf), 0, Format.Space.BlocksPerLeaf);
            bitmap.AsSpan().Clear();
            for (int block = SpaceLayout.FixedIn(region); block < end; block++)
            {
                bitmap[block / 8] |= (byte)(1 << (block % 8));
            }

            return bitmap;
        }
    }

    /// <summary>The word of a block in the changed bitmap of its region, which begins as the recorded one.</summary>
    private ref ulong Word(SortedDictionary<long, ulong[]> changed, long block)
    {
        long region = block / Format.Space.BlocksPerLeaf;
        if (!changed.TryGetValue(region, out ulong[]? words))
        {
            changed.Add(region, words = (Leaf(region) ?? throw _damage!).Recorded.ToArray());
        }

        return ref words[block % Format.Space.BlocksPerLeaf / SpaceLeaf.WordBits];
    }
}
