using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <content>Managers that do not come back from saving a snapshot.</content>
internal sealed partial class Saver
{
    private const long LeastWatchMs = 10;
    private const long MostWatchMs = 10_000;

    private readonly long _deadlineMs;
    private readonly Timer _watch;

    private long WatchMs => Math.Clamp(_deadlineMs / 4, LeastWatchMs, MostWatchMs);

    /// <remarks>On a thread of the pool, which must not wait: giving up is for a thread of its own.</remarks>
    private void Watch(object? state)
    {
        foreach (PendingSnapshot snapshot in _queue.Saving)
        {
            if (snapshot.Saving?.TryGiveUp(_deadlineMs) == true)
            {
                new Thread(() => GiveUp(snapshot)) { IsBackground = true, Name = "katydid save given up" }.Start();
            }
        }
    }

    /// <summary>
    /// The snapshot has failed, and the container is quarantined. Whatever its manager still does, nobody looks at it.
    /// </summary>
    private void GiveUp(PendingSnapshot snapshot)
    {
        ContainerMemory memory = snapshot.Memory;
        var reason = new KernelException(
            Status.DeadlineExceeded,
            $"container '{memory.Name}': its manager gave no sign for {_deadlineMs} ms while it was to save interval "
                + $"{snapshot.Snapshot.Interval}");
        memory.SetQuarantine(reason);
        Serve(snapshot, context => Fail(snapshot, context, reason));
        if (snapshot.Joint is { } joint)
        {
            FailJoint(snapshot, joint, reason, others: OfOther(snapshot, reason));
        }

        _queue.GiveUp(snapshot);
    }

    /// <summary>On a thread of its own: the manager hangs, perhaps with what it locks.</summary>
    private void AbandonInTime(PendingSnapshot snapshot)
    {
        var telling = new Thread(() => Abandon(snapshot)) { IsBackground = true, Name = "katydid save given up" };
        telling.Start();
        telling.Join(snapshot.Memory.DeadlineMs);
    }
}
