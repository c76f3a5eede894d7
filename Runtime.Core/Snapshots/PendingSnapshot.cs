using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <summary>A snapshot that exists in memory and is still to be saved.</summary>
internal sealed class PendingSnapshot
{
    private readonly TaskCompletionSource _durable = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal PendingSnapshot(ContainerMemory memory, PreservedPages pages, SnapshotInfo info)
    {
        Memory = memory;
        Pages = pages;
        Snapshot = new Snapshot(info, _durable.Task);
        Snapshot.SavedAs(this);
    }

    internal ContainerMemory Memory { get; }

    internal PreservedPages Pages { get; }

    internal Snapshot Snapshot { get; }

    /// <summary>Whose it is to save; set before anybody can wait for the snapshot.</summary>
    internal Saver? Saver { get; set; }

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
}
