using Runtime.Core.Memory;
using Runtime.Core.Storage;

namespace Runtime.Core.Snapshots;

/// <summary>A snapshot that exists in memory and is still to be saved.</summary>
internal sealed class PendingSnapshot
{
    private readonly TaskCompletionSource _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isReported;                                       // guarded by a lock on _durable

    internal PendingSnapshot(
        ContainerMemory memory, PreservedPages pages, SnapshotInfo info, KernelStore? store, KernelRecord? record)
    {
        Store = store;
        Record = record;
        Memory = memory;
        Pages = pages;
        Snapshot = new Snapshot(info, _durable.Task);
        Snapshot.SavedAs(this);
    }

    internal ContainerMemory Memory { get; }

    internal PreservedPages Pages { get; }

    internal Snapshot Snapshot { get; }

    /// <summary>The kernel's log, for what the manager's own commit is; null in tests of memory alone.</summary>
    internal KernelStore? Store { get; }

    /// <summary>
    /// What the kernel's log is to hold before the manager's version is durable; null for nothing new.
    /// </summary>
    internal KernelRecord? Record { get; }

    /// <summary>Whose it is to save; set before anybody can wait for the snapshot.</summary>
    internal Saver? Saver { get; set; }

    /// <summary>With which others it is one commit; null for none. Set before it is queued.</summary>
    internal JointSave? Joint { get; set; }

    /// <summary>The pages, while the manager has to save them; null before and afterwards.</summary>
    internal UnsavedPages? Saving { get; set; }

    /// <summary>Whether the manager did not come back from saving it: what it still does is of no account.</summary>
    internal bool IsGivenUp => Saving is { IsGivenUp: true };

    /// <summary>Whether the manager has dropped it while it was to be saved.</summary>
    internal bool IsDiscarded { get; private set; }

    /// <summary>The manager says that it is on stable storage.</summary>
    internal void ReportStable() => Report(isDiscarded: false);

    /// <summary>The manager says that it has dropped it.</summary>
    internal void ReportDiscarded() => Report(isDiscarded: true);

    /// <summary>Waits for the manager that took the saving on to say how it ended.</summary>
    /// <returns>False if it does not say in time.</returns>
    internal bool WaitForReport(int limitMs)
    {
        long until = Environment.TickCount64 + limitMs;
        lock (_durable)
        {
            while (!_isReported)
            {
                long left = until - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_durable, (int)left))
                {
                    return _isReported;
                }
            }

            return true;
        }
    }

    /// <summary>For a thread that is going to wait for it: it may as well save it.</summary>
    internal void SaveNow() => Saver?.SaveUntil(this);

    /// <summary>For somebody who waits for it without a thread.</summary>
    internal void Hurry() => Saver?.Hurry();

    internal void Complete()
    {
        Snapshot.SavedAs(pending: null);
        _durable.TrySetResult();
    }

    internal void Fail(Exception reason)
    {
        Snapshot.SavedAs(pending: null);
        _durable.TrySetException(reason);
        _ = _durable.Task.Exception;                                // seen: whoever wants it waits for the snapshot
    }

    private void Report(bool isDiscarded)
    {
        lock (_durable)
        {
            IsDiscarded |= isDiscarded;
            _isReported = true;
            Monitor.PulseAll(_durable);
        }
    }
}
