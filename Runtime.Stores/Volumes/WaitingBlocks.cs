namespace Runtime.Stores.Volumes;

/// <summary>Blocks that commits freed and that readers of older commits may still need.</summary>
/// <remarks>
/// Not thread safe; the lock of free space guards it. What commit n freed, readers need that read a commit before n;
/// and until n+1 is durable the volume itself, of which n-1 is still in its slot.
/// </remarks>
internal sealed class WaitingBlocks
{
    // Ascending by commit. As many as there are readers of different commits, and two.
    private readonly List<Batch> _batches = [];

    /// <summary>How many blocks.</summary>
    public long Count { get; private set; }

    /// <summary>How many sets they are kept in.</summary>
    public int Batches => _batches.Count;

    /// <param name="commit">The newest that freed any.</param>
    /// <param name="blocks">None of them waits already. The set is from now on not the caller's.</param>
    public void Add(long commit, BlockSet blocks)
    {
        Count += blocks.Count;
        if (_batches is [.., var last] && last.Commit == commit)
        {
            _batches[^1] = last with { Blocks = Union(last.Blocks, blocks) };
        }
        else if (blocks.Count > 0)
        {
            _batches.Add(new Batch(commit, blocks));
        }
    }

    /// <summary>Takes out what nobody needs any more.</summary>
    /// <param name="newest">The newest commit that is durable.</param>
    /// <param name="readers">The commits that are read; whoever comes later reads the newest or the one before.</param>
    public List<BlockSet> Take(long newest, IReadOnlyCollection<long> readers)
    {
        long oldest = Math.Min(newest - 1, readers.DefaultIfEmpty(long.MaxValue).Min());
        int count = _batches.FindIndex(batch => batch.Commit > oldest);
        count = count < 0 ? _batches.Count : count;
        List<BlockSet> free = [.. _batches.Take(count).Select(batch => batch.Blocks)];
        _batches.RemoveRange(0, count);
        Count -= free.Sum(blocks => blocks.Count);
        Merge(newest, readers);
        return free;
    }

    /// <summary>Two sets are one if no reader needs the younger and not the older.</summary>
    private void Merge(long newest, IReadOnlyCollection<long> readers)
    {
        for (int i = _batches.Count - 2; i >= 0; i--)
        {
            (Batch older, Batch younger) = (_batches[i], _batches[i + 1]);
            if (younger.Commit < newest && !readers.Any(read => read >= older.Commit && read < younger.Commit))
            {
                _batches[i] = new Batch(younger.Commit, Union(older.Blocks, younger.Blocks));
                _batches.RemoveAt(i + 1);
            }
        }
    }

    private static BlockSet Union(BlockSet one, BlockSet other)
    {
        (BlockSet large, BlockSet small) = one.Count >= other.Count ? (one, other) : (other, one);
        foreach (long block in small)
        {
            large.Add(block);
        }

        return large;
    }

    private sealed record Batch(long Commit, BlockSet Blocks);
}
