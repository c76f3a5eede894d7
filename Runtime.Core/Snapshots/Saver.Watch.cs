using Runtime.Core.Managers;
using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <content>Managers that do not come back from saving a snapshot.</content>
/// <remarks>
/// Who has given a snapshot up ends it, and not the thread that comes back: that only tells the manager.
/// </remarks>
internal sealed partial class Saver
{
    private const int Looks = 5;                                    // in a deadline
    private const long LeastLookMs = 10;

    private readonly TimeSpan _deadline;
    private readonly Timer _watch;
    private int _isWatching;

    /// <summary>From the first snapshot on.</summary>
    private void BeginWatch()
    {
        if (Interlocked.Exchange(ref _isWatching, 1) == 0)
        {
            long lookMs = Math.Max((long)_deadline.TotalMilliseconds / Looks, LeastLookMs);
            _watch.Change(lookMs, lookMs);
        }
    }

    /// <remarks>On a thread of the pool, which must not wait: what follows is for threads of their own.</remarks>
    private void Watch(object? state)
    {
        foreach (PendingSnapshot snapshot in _queue.Saving)
        {
            if (snapshot.Saving?.TryGiveUp(Looks) == true)
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
            $"container '{memory.Name}': its manager gave no sign for {_deadline.TotalMilliseconds:F0} ms while it was "
                + $"to save interval {snapshot.Snapshot.Interval}");
        memory.SetQuarantine(reason);
        try
        {
            Serve(snapshot, context => Fail(snapshot, context, reason));
        }
        finally
        {
            _queue.GiveUp(snapshot);                                // before lines are released, its own among them
        }

        if (snapshot.Joint is { } joint)
        {
            FailJoint(snapshot, joint, reason, others: OfOther(snapshot, reason));
        }
    }

    /// <summary>A manager that comes back is told what came to nothing, if the container is its own yet.</summary>
    private void TellIfGivenUp(UnsavedPages pages, Manager manager, Token token)
    {
        if (!pages.IsGivenUp)
        {
            return;
        }

        foreach (PendingSnapshot abandoned in pages.WaitForAbandoned())
        {
            ContainerMemory memory = abandoned.Memory;
            if (memory.Manager == manager && memory.Token == token)
            {
                Abandon(manager, token, abandoned);
            }
        }
    }
}
