using Runtime.Core.Managers;
using Runtime.Core.Snapshots;

namespace Runtime.Core.Memory;

/// <summary>What the kernel knows of the closed intervals, and whether their manager can be relied on.</summary>
internal sealed partial class ContainerMemory
{
    // All of the current life and guarded by CutLock, as are cuts and their ends.
    private readonly HashSet<StateInterval> _burnt = [];
    private readonly List<(StateInterval After, StateInterval UpTo)> _rolledBack = [];
    private StateInterval _issued;
    private StateInterval _line;
    private ServiceLevel _level = ServiceLevel.Snapshotting;

    private volatile KernelException? _quarantine;

    /// <summary>
    /// The snapshot that a recovery goes back to: the newest stable one, or the one that was restored since; 0 for
    /// none.
    /// </summary>
    internal StateInterval Line
    {
        get
        {
            lock (CutLock)
            {
                return _line;
            }
        }
    }

    /// <summary>Which intervals can be brought back.</summary>
    internal ServiceLevel Level => _level;

    /// <summary>Why the manager is not asked any more; null while it can be relied on.</summary>
    internal KernelException? Quarantine => _quarantine;

    /// <summary>
    /// The manager has failed in something that cannot be asked again: pages that are not in memory, and snapshots, are
    /// refused with this reason. What is in memory stays.
    /// </summary>
    internal void SetQuarantine(KernelException reason) => Interlocked.CompareExchange(ref _quarantine, reason, null);

    /// <exception cref="KernelException">The manager is not asked any more.</exception>
    internal void ThrowIfQuarantined()
    {
        if (_quarantine is { } reason)
        {
            throw new KernelException(
                Status.ManagerFailed,
                $"container '{Name}': its manager failed and is not asked any more: {reason.Message}",
                reason);
        }
    }

    /// <summary>The interval's number is given out, whatever becomes of it.</summary>
    internal void NoteIssued(StateInterval interval)
    {
        lock (CutLock)
        {
            _issued = interval;
        }
    }

    /// <summary>The interval has come to nothing: there is no such snapshot.</summary>
    internal void NoteBurnt(StateInterval interval)
    {
        lock (CutLock)
        {
            _burnt.Add(interval);
        }
    }

    /// <summary>A recovery goes back to this from now on.</summary>
    internal void MoveLine(StateInterval interval)
    {
        lock (CutLock)
        {
            _line = interval;
        }
    }

    /// <summary>The container has gone back to its line; nothing of it is being saved.</summary>
    internal void NoteRolledBack()
    {
        lock (CutLock)
        {
            _rolledBack.Add((_line, _issued));
            _isResized = false;
        }
    }

    internal Status ReportStable(StateInterval interval)
    {
        lock (CutLock)
        {
            Status status = CheckUnsynchronized(interval);
            if (status != Status.Success)
            {
                return status;
            }

            if (Pending.Find(snapshot => snapshot.Snapshot.Interval == interval) is { } pending)
            {
                pending.ReportStable();
                return Status.Success;
            }
        }

        return StateOf(interval) >= SnapshotState.Stable ? Status.Success : Status.NoSuchInterval;
    }

    internal Status ReportDiscarded(StateInterval interval)
    {
        lock (CutLock)
        {
            Status status = CheckUnsynchronized(interval);
            if (status != Status.Success)
            {
                return status;
            }

            if (interval == _line)
            {
                return Status.IntervalPinned;
            }

            // One that is being saved comes to nothing.
            Pending.Find(snapshot => snapshot.Snapshot.Interval == interval)?.ReportDiscarded();
            return Status.Success;
        }
    }

    internal Status SetLevel(ServiceLevel level)
    {
        if (level is not (ServiceLevel.None or ServiceLevel.Snapshotting))
        {
            return Status.NotSupported;
        }

        lock (CutLock)
        {
            if (!Pending.IsEmpty || Gate.IsCutting)
            {
                return Status.Busy;
            }

            _level = level;
            return Status.Success;
        }
    }

    /// <summary>What there is of an interval; the manager is asked unless the kernel knows better.</summary>
    internal SnapshotState StateOf(StateInterval interval)
    {
        lock (CutLock)
        {
            if (CheckUnsynchronized(interval) != Status.Success)
            {
                return SnapshotState.None;
            }

            if (Pending.Exists(snapshot => snapshot.Snapshot.Interval == interval))
            {
                return SnapshotState.Volatile;
            }

            if (interval == _line)
            {
                return SnapshotState.Recoverable;
            }
        }

        return ManagerCall.Make(
            Name,
            nameof(Manager.StateIntervalQuery),
            () => Manager.StateIntervalQuery(Record, interval) == SnapshotState.None
                ? SnapshotState.None
                : SnapshotState.Stable);
    }

    private Status CheckUnsynchronized(StateInterval interval) =>
        interval.Value == 0 || interval > _issued || _burnt.Contains(interval) ? Status.NoSuchInterval
        : _rolledBack.Exists(gone => interval > gone.After && interval <= gone.UpTo) ? Status.RolledBack
        : Status.Success;
}
