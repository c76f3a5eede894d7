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
    }

    internal ContainerMemory Memory { get; }

    internal PreservedPages Pages { get; }

    internal Snapshot Snapshot { get; }

    internal void Complete() => _durable.TrySetResult();

    internal void Fail(Exception reason)
    {
        _durable.TrySetException(reason);
        _ = _durable.Task.Exception;                                // seen: whoever wants it waits for the snapshot
    }
}
