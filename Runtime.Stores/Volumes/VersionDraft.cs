using System.Diagnostics.CodeAnalysis;
using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>
/// One interval of a container in the making: its pages are on the disk, and no commit knows them yet.
/// </summary>
/// <remarks>
/// Thread safe. Pages are written to free blocks without waiting for a commit that is under way, and are there to be
/// read at once; they become a version by <see cref="Volume.Commit(VersionDraft, DateTimeOffset)"/> and otherwise are
/// free again, by <see cref="Dispose"/> or by the end of the process. A second draft may stand on top of one: the
/// interval that executes while the one before it is saved.
/// </remarks>
public sealed partial class VersionDraft : IDisposable
{
    private readonly BlockStore _store;
    private readonly OpenVersions _open;
    private readonly object _lock = new();                          // guards the fields below; also waited on

    private readonly Dictionary<ulong, BlockPointer> _pages = [];   // a hole: a page of zeroes
    private object _below;                                          // a VersionMap or a VersionDraft
    private ulong _keep = ulong.MaxValue;                           // pages below from here on read as zeroes
    private long _length;
    private int _writers;
    private DraftPhase _phase;
    private VersionDraft? _above;

    internal VersionDraft(
        BlockStore store, OpenVersions open, ulong container, StateInterval interval, object below, long length)
    {
        _store = store;
        _open = open;
        _below = below;
        _length = length;
        ContainerId = container;
        Interval = interval;
        Birth = store.DrawBirth();
    }

    /// <summary>The interval that it will become.</summary>
    public StateInterval Interval { get; private set; }

    /// <summary>
    /// Bytes. Growing costs nothing. Shrinking drops the pages beyond, which read as zeroes if it grows again; what the
    /// last page holds beyond the length is its writer's affair.
    /// </summary>
    /// <exception cref="InvalidOperationException">Set after <see cref="Continue"/>, or when it is over.</exception>
    public long Length
    {
        get
        {
            lock (_lock)
            {
                return _length;
            }
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Format.MaxLength);
            lock (_lock)
            {
                ThrowUnlessOpen();
                if (_above is not null)
                {
                    throw new InvalidOperationException($"The cut at the end of interval {Interval} has been made.");
                }

                if (value < _length)
                {
                    Shrink((ulong)PageNumber.CountFor(value));
                }

                _length = value;
            }
        }
    }

    /// <summary>How many pages it holds itself.</summary>
    public long PageCount
    {
        get
        {
            lock (_lock)
            {
                return _pages.Count;
            }
        }
    }

    internal ulong ContainerId { get; }

    internal long Birth { get; }

    /// <summary>
    /// At a cut: the next interval's draft, on top of this one, which is still written and then committed.
    /// </summary>
    /// <param name="interval">By default the one after this.</param>
    /// <exception cref="InvalidOperationException">There is one on top already, or this one is over.</exception>
    public VersionDraft Continue(StateInterval? interval = null)
    {
        StateInterval next = interval ?? Interval.Next;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(next.Value, Interval.Value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(next.Value, VersionTable.MaxInterval);
        lock (_lock)
        {
            ThrowUnlessOpen();
            if (_above is not null)
            {
                throw new InvalidOperationException($"Interval {_above.Interval} is on top of {Interval} already.");
            }

            var above = new VersionDraft(_store, _open, ContainerId, next, this, _length);
            _open.Add(above, isFirst: false);
            return _above = above;
        }
    }

    /// <summary>
    /// After the draft below failed: takes over what that one holds and this one does not, and stands in its place.
    /// </summary>
    /// <remarks>The draft below is over; it may have been disposed before.</remarks>
    /// <exception cref="InvalidOperationException">There is no uncommitted draft below.</exception>
    public void Adopt()
    {
        VersionDraft failed;
        lock (_lock)
        {
            ThrowUnlessOpen();
            failed = _below as VersionDraft
                ?? throw new InvalidOperationException($"There is no draft below interval {Interval}.");
        }

        (Dictionary<ulong, BlockPointer> pages, object below, ulong keep) = failed.GiveUpPages();
        List<long> superfluous = [];
        lock (_lock)
        {
            foreach ((ulong page, BlockPointer pointer) in pages)
            {
                if ((page >= _keep || !_pages.TryAdd(page, pointer)) && !pointer.IsHole)
                {
                    superfluous.Add(pointer.Block);
                }
            }

            _below = below;
            _keep = Math.Min(_keep, keep);
        }

        _store.Space.Release(superfluous);
    }

    /// <summary>Gives the interval up, unless it was committed; its blocks are free again.</summary>
    /// <remarks>What a draft on top needs stays until that one has adopted it or is disposed itself.</remarks>
    public void Dispose()
    {
        VersionDraft? orphan = null;
        lock (_lock)
        {
            while (_phase == DraftPhase.Sealed)
            {
                Monitor.Wait(_lock);
            }

            if (_phase == DraftPhase.Open)
            {
                _phase = DraftPhase.GivenUp;
                WaitForWriters();
                if (_above is null)
                {
                    ReleaseAll();
                    orphan = _below as VersionDraft;
                }
            }
        }

        _open.Remove(this);
        orphan?.LeftBy(this);
    }

    /// <summary>From now on nothing is written: a commit is under way.</summary>
    internal void Seal()
    {
        lock (_lock)
        {
            ThrowUnlessOpen();
            _phase = DraftPhase.Sealed;
            WaitForWriters();
        }
    }

    /// <summary>The commit did not come to be.</summary>
    internal void Unseal()
    {
        lock (_lock)
        {
            _phase = DraftPhase.Open;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>What a commit makes a version of; only while it is sealed.</summary>
    internal DraftContent Content()
    {
        lock (_lock)
        {
            List<TreeEntry> pages = [.. _pages.Select(page => new TreeEntry(page.Key, page.Value))];
            pages.Sort((left, right) => left.Index.CompareTo(right.Index));
            return _below is VersionMap below
                ? new DraftContent(below.Birth, _length, pages, _keep, Blocks())
                : throw new InvalidOperationException(
                    $"The draft below interval {Interval} must be committed before it, or adopted.");
        }
    }

    /// <summary>It is a version; reads, also those of the draft on top, go there.</summary>
    internal void Become(VersionMap version)
    {
        VersionDraft? above;
        lock (_lock)
        {
            _phase = DraftPhase.Committed;
            _below = version;
            _keep = ulong.MaxValue;
            _pages.Clear();
            above = _above;
            Monitor.PulseAll(_lock);
        }

        _open.Remove(this);
        above?.StandOn(this, version);
    }

    private void StandOn(VersionDraft committed, VersionMap version)
    {
        lock (_lock)
        {
            if (_below == committed)
            {
                _below = version;
            }
        }
    }

    [DoesNotReturn]
    private void ThrowOver() =>
        throw new InvalidOperationException($"The draft of interval {Interval} is over: {_phase}.");

    private void ThrowUnlessOpen()
    {
        _store.ThrowIfClosedForWriting();
        if (_phase != DraftPhase.Open)
        {
            ThrowOver();
        }
    }

    /// <summary>The draft on top is gone.</summary>
    private void LeftBy(VersionDraft above)
    {
        VersionDraft? orphan = null;
        lock (_lock)
        {
            if (_above != above)
            {
                return;
            }

            _above = null;
            if (_phase == DraftPhase.GivenUp)
            {
                ReleaseAll();
                orphan = _below as VersionDraft;
            }
        }

        orphan?.LeftBy(this);
    }

    /// <summary>
    /// Its pages are the draft's on top from now on. They stay readable here for those who are on their way.
    /// </summary>
    private (Dictionary<ulong, BlockPointer> Pages, object Below, ulong Keep) GiveUpPages()
    {
        lock (_lock)
        {
            if (_phase is not (DraftPhase.Open or DraftPhase.GivenUp))
            {
                ThrowOver();
            }

            _phase = DraftPhase.Adopted;
            WaitForWriters();
            _above = null;
            _open.Remove(this);
            return (new Dictionary<ulong, BlockPointer>(_pages), _below, _keep);
        }
    }

    private void Shrink(ulong pageCount)
    {
        _keep = Math.Min(_keep, pageCount);
        List<ulong> beyond = [.. _pages.Keys.Where(page => page >= pageCount)];
        _store.Space.Release(beyond.Where(page => !_pages[page].IsHole).Select(page => _pages[page].Block).ToList());
        beyond.ForEach(page => _pages.Remove(page));
    }

    private void ReleaseAll()
    {
        _store.Space.Release(Blocks());
        _pages.Clear();
    }

    private List<long> Blocks() => [.. _pages.Values.Where(p => !p.IsHole).Select(p => p.Block)];

    private void WaitForWriters()
    {
        while (_writers > 0)
        {
            Monitor.Wait(_lock);
        }
    }
}
