using System.Collections.Immutable;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>A container that is written: its open interval, and those that are closed and not saved yet.</summary>
internal sealed class OpenedWriter : OpenedContainer
{
    private readonly Lock _lock = new();                            // guards changes of the two fields below
    private readonly Volume _volume;
    private VersionDraft _draft;
    private ImmutableList<PendingVersion> _pending = [];            // oldest first

    public OpenedWriter(Volume volume, ContainerRecord record)
    {
        _volume = volume;
        Record = record;
        _draft = volume.OpenDraft(record);
    }

    public ContainerRecord Record { get; }

    /// <summary>The open interval's pages; faults read it while a cut moves it on.</summary>
    public VersionDraft Draft => Volatile.Read(ref _draft);

    public override long Length => Draft.Length;

    public override StateInterval NextInterval => Draft.Interval;

    /// <summary>The closed intervals that are not saved yet, oldest first.</summary>
    public ImmutableList<PendingVersion> Pending => Volatile.Read(ref _pending);

    public override void ReadPages(PageNumber first, Span<byte> destination) => Draft.ReadPages(first, destination);

    public Status Cut(in SnapshotCut cut)
    {
        lock (_lock)
        {
            _draft.Renumber(cut.Interval);                          // the kernel may have burnt some
            VersionDraft next = _draft.Continue();
            Volatile.Write(ref _pending, _pending.Add(new PendingVersion(_draft, cut.Volatile, cut.Info)));
            Volatile.Write(ref _draft, next);
            return Status.Success;
        }
    }

    public PendingVersion Find(StateInterval interval) => Pending.Find(version => version.Interval == interval)
        ?? throw new KernelException(
            Status.NoSuchInterval, $"interval {interval} of '{Record.Name}' is not to be saved");

    /// <summary>The version is durable.</summary>
    public void Complete(StateInterval interval, VersionMap map)
    {
        lock (_lock)
        {
            PendingVersion version = Find(interval);
            Volatile.Write(ref _pending, _pending.Remove(version));
            version.Complete(map);
        }
    }

    /// <summary>The interval after it goes on with what it holds.</summary>
    public void Abandon(StateInterval interval)
    {
        lock (_lock)
        {
            int index = _pending.FindIndex(version => version.Interval == interval);
            if (index >= 0)
            {
                (index + 1 < _pending.Count ? _pending[index + 1].Draft : _draft).Adopt();
                Volatile.Write(ref _pending, _pending.RemoveAt(index));
            }
        }
    }

    /// <summary>Opens a version that is not saved yet; null if there is no such one.</summary>
    public OpenedContainer? TryOpen(StateInterval interval)
    {
        lock (_lock)
        {
            return _pending.Find(version => version.Interval == interval) is { } version
                ? new OpenedPending(this, version)
                : null;
        }
    }

    public IReadOnlyList<SnapshotInfo> History()
    {
        lock (_lock)
        {
            IReadOnlyList<SnapshotInfo> saved = _volume.History(Record);
            StateInterval last = saved.Count > 0 ? saved[^1].Interval : default;
            return [.. saved, .. _pending.Select(version => version.Info).Where(info => info.Interval > last)];
        }
    }

    /// <summary>Begins the open interval anew, on top of an older version.</summary>
    public long Restore(StateInterval version)
    {
        lock (_lock)
        {
            BeginAnew(() => _volume.Restore(Record, version));
            return _draft.Length;
        }
    }

    /// <summary>Drops the open interval and every version that is newer than one.</summary>
    public void Rollback(StateInterval version)
    {
        lock (_lock)
        {
            BeginAnew(() => _volume.Rollback(Record, version));
        }
    }

    private void BeginAnew(Action change)
    {
        StateInterval interval = _draft.Interval;
        _draft.Dispose();
        try
        {
            change();
        }
        finally
        {
            Volatile.Write(ref _draft, _volume.OpenDraft(Record, interval));
        }
    }

    public override void Dispose()
    {
        lock (_lock)
        {
            _draft.Dispose();
        }
    }
}
