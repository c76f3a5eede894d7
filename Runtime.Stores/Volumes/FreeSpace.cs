namespace Runtime.Stores.Volumes;

/// <summary>Hands out blocks that no durable commit needs.</summary>
/// <remarks>
/// Not thread safe; the commit lock guards it. What commit n frees may be written again once commit n+1 is durable:
/// until then n-1 is still in its slot, and n-1 needs it.
/// </remarks>
internal sealed class FreeSpace
{
    private readonly BlockSet _used;
    private readonly long _start;
    private readonly List<long> _allocated = [];
    private readonly List<long> _freed = [];
    private long _cursor;
    private long _endOfLastCommit;

    /// <param name="used">Every block that must not be handed out; taken over.</param>
    /// <param name="start">Nothing before it is handed out.</param>
    /// <param name="end">Everything from it on is free.</param>
    public FreeSpace(BlockSet used, long start, long end)
    {
        _used = used;
        _start = _cursor = start;
        End = _endOfLastCommit = end;
    }

    /// <summary>No block at or beyond it is in use.</summary>
    public long End { get; private set; }

    private long FreeBlocks => End - _start - _used.Count;

    public long Allocate()
    {
        long block = FreeBlocks == 0 ? End : _used.FirstAbsent(_cursor, End);
        if (block < 0)
        {
            block = _used.FirstAbsent(_start, _cursor);
        }

        _used.Add(block);
        _allocated.Add(block);
        _cursor = block + 1;
        End = Math.Max(End, _cursor);
        return block;
    }

    /// <summary>The commit that allocated is durable and no longer needs <paramref name="freed"/>.</summary>
    /// <param name="freed">They wait for the next commit.</param>
    /// <param name="isPinned">Whether somebody still reads an older commit: then those that wait go on waiting.</param>
    public void Commit(List<long> freed, bool isPinned)
    {
        if (!isPinned)
        {
            foreach (long block in _freed)
            {
                _used.Remove(block);
            }

            _freed.Clear();
        }

        _freed.AddRange(freed);
        _allocated.Clear();
        _endOfLastCommit = End;
    }

    /// <summary>The commit that allocated did not come to be.</summary>
    public void Rollback()
    {
        foreach (long block in _allocated)
        {
            _used.Remove(block);
        }

        _allocated.Clear();
        End = _endOfLastCommit;
        _cursor = Math.Min(_cursor, End);
    }
}
