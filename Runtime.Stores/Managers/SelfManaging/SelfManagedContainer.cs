using Runtime.Core;
using Runtime.Core.Snapshots;

namespace Runtime.Stores.Managers.SelfManaging;

/// <summary>An open container of the manager: what the tables say, and what was written since.</summary>
/// <remarks>
/// Pages are found by anybody; all else is done under the manager's lock. What is saved of an interval is held here
/// until all of it is, and then enters the tables at once: a commit for another container finds all of it there, or
/// nothing.
/// </remarks>
internal sealed class SelfManagedContainer
{
    private readonly Lock _lock = new();                            // guards _held
    private readonly SelfTables _tables;
    private readonly List<(long Page, ulong Before, ulong Now)> _applied = [];
    private SnapshotInfo? _infoBefore;
    private Dictionary<long, ulong> _held = [];                     // by page; 0 where it was cut off

    internal SelfManagedContainer(SelfTables tables, int slot, long length)
    {
        _tables = tables;
        Slot = slot;
        SnapshotInfo? newest = tables.InfoOf(slot);
        Length = newest?.Length ?? length;
        Newest = newest?.Interval ?? default;
    }

    internal int Slot { get; }

    internal long Length { get; private set; }

    internal StateInterval Newest { get; private set; }

    internal ulong Find(long page)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(page, out ulong entry))
            {
                return entry;
            }
        }

        return _tables[Slot, page];
    }

    /// <summary>The page is written to a block that no commit names yet.</summary>
    internal void Hold(long page, ulong entry, DiskSpace space)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(page, out ulong before))
            {
                space.Drop(before);
            }

            _held[page] = entry;
        }
    }

    /// <summary>Everything of the interval is on the disk: now the tables say so, until <see cref="Undo"/>.</summary>
    internal void Apply(SnapshotInfo info, DiskSpace space)
    {
        _applied.Clear();
        _infoBefore = _tables.InfoOf(Slot);
        Dictionary<long, ulong> held = _held;
        foreach ((long page, ulong entry) in held)
        {
            ulong before = _tables[Slot, page];
            _applied.Add((page, before, entry));
            _tables[Slot, page] = entry;
            space.Note(entry, isUsed: true);
            space.Note(before, isUsed: false);
            space.FreeLater(before);
        }

        _tables.SetInfo(Slot, info);
        lock (_lock)
        {
            _held = [];
        }
    }

    /// <summary>The commit has failed: what was written is held for the next one.</summary>
    internal void Undo(DiskSpace space)
    {
        lock (_lock)
        {
            foreach ((long page, ulong before, ulong now) in _applied)
            {
                _held[page] = now;
                _tables[Slot, page] = before;
                space.Note(now, isUsed: false);                     // in use, but not by anything that a commit says
                space.Note(before, isUsed: true);
            }

            _tables.SetInfo(Slot, _infoBefore);
        }
    }

    internal void NoteSaved()
    {
        Newest = _tables.InfoOf(Slot)!.Interval;
        _applied.Clear();
    }

    /// <summary>Pages beyond a shorter end read as zeroes, also when it grows again.</summary>
    internal void Resize(long length, DiskSpace space)
    {
        long end = PageNumber.CountFor(length);
        for (long page = end; page < PageNumber.CountFor(Length); page++)
        {
            if (Find(page) != 0)
            {
                Hold(page, 0, space);
            }
        }

        Length = length;
    }

    /// <summary>What is not in the tables comes to nothing.</summary>
    internal void Forget(DiskSpace space)
    {
        lock (_lock)
        {
            foreach (ulong entry in _held.Values)
            {
                space.Drop(entry);
            }

            _held.Clear();
            Length = _tables.InfoOf(Slot)?.Length ?? Length;
        }
    }
}
