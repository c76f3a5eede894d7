using Microsoft.Extensions.Logging;
using Runtime.Core.Containers;
using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <summary>Has snapshots saved by their managers, those of a container in the order of their cuts.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed partial class Saver : IDisposable
{
    private readonly SaveQueue _queue;
    private readonly ILogger _log;
    private volatile bool _isDisposed;

    /// <param name="log">Where snapshots are noted that were not saved.</param>
    /// <param name="deadline">How long a manager may save one without a sign.</param>
    internal Saver(ILogger log, TimeSpan deadline)
    {
        _log = log;
        _deadline = deadline;
        _queue = new SaveQueue(Save);
        _watch = new Timer(Watch, state: null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>
    /// Takes the snapshots of a cut on; the caller holds the locks under which they were cut, so that order is kept.
    /// </summary>
    internal void Add(IReadOnlyList<PendingSnapshot> cut)
    {
        Join(cut);
        BeginWatch();
        foreach (PendingSnapshot snapshot in cut)
        {
            snapshot.Saver = this;
            _queue.Add(snapshot, isOwn: FaultContext.Current is not null); // one kept in another (SaveHere)
        }
    }

    /// <summary>Whether nothing is saved any more.</summary>
    internal bool IsDisposed => _isDisposed;

    /// <summary>For a thread that is going to wait for it: it may as well save it.</summary>
    internal void SaveUntil(PendingSnapshot snapshot)
    {
        if (FaultContext.Current is null)                           // a manager may hold what saving needs
        {
            _queue.SaveUntil(snapshot);
        }
    }

    /// <summary>For an upcall that saves one container in another: it holds nothing that saving needs.</summary>
    internal void SaveHere(Snapshot snapshot)
    {
        if (snapshot.Pending is { } pending)
        {
            _queue.SaveUntil(pending);
        }
    }

    /// <summary>For somebody who waits without a thread.</summary>
    internal void Hurry() => _queue.Hurry();

    /// <summary>Saves what was added.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _queue.Dispose();
        _watch.Dispose();
    }

    /// <returns>Whether it has ended: the next of its container may be saved.</returns>
    private bool Save(PendingSnapshot snapshot)
    {
        // What the manager leases and cuts meanwhile is no business of whoever waits here and may hold leases.
        LeaseHolder? holder = LeaseHolder.Exchange(null);
        try
        {
            if (snapshot.Joint is { } joint)
            {
                return SaveMember(snapshot, joint);
            }

            if (!snapshot.Snapshot.IsFailed)                        // with an older one, on which it was built
            {
                SaveOrFail(snapshot, context =>
                {
                    Stabilise(snapshot, context);
                    NoteStable(snapshot, context);
                });
            }

            return true;
        }
        finally
        {
            LeaseHolder.Exchange(holder);
        }
    }

    private void SaveOrFail(PendingSnapshot snapshot, Action<FaultContext> save) => Serve(snapshot, context =>
    {
        if (Attempt(snapshot, () => save(context)) is { } reason && !snapshot.IsGivenUp)
        {
            Fail(snapshot, context, reason);
        }
    });

    private static void Serve(PendingSnapshot snapshot, Action<FaultContext> work)
    {
        FaultContext context = FaultContext.BeginServing(snapshot.Memory);
        try
        {
            work(context);
        }
        finally
        {
            context.EndServing();
        }
    }

    /// <returns>Why it cannot be; null if it was done.</returns>
    private static KernelException? Attempt(PendingSnapshot snapshot, Action work)
    {
        try
        {
            work();
            return null;
        }
#pragma warning disable CA1031 // A manager is somebody else's code; whatever it throws must be answered for.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            ContainerMemory memory = snapshot.Memory;
            KernelException reason = failure as KernelException ?? new KernelException(
                Status.ManagerFailed,
                $"container '{memory.Name}': its manager threw when it saved interval {snapshot.Snapshot.Interval}",
                failure);
            QuarantineUnlessTransient(snapshot, reason);
            return reason;
        }
    }

    private static void QuarantineUnlessTransient(PendingSnapshot snapshot, KernelException reason)
    {
        if (!ManagerCall.MaySucceedLater(reason.Status) && snapshot is { IsDiscarded: false, IsGivenUp: false })
        {
            snapshot.Memory.SetQuarantine(reason);
        }
    }

    /// <summary>The kernel's record is durable, and the manager has the pages: for good, or for their commit.</summary>
    private void Stabilise(PendingSnapshot snapshot, FaultContext context)
    {
        ContainerMemory memory = snapshot.Memory;
        snapshot.Record?.Save();
        Status status = HaveSaved(snapshot, context);
        if (status == Status.Accepted && snapshot.Joint is null)
        {
            status = snapshot.WaitForReport(memory.DeadlineMs) ? Status.Success : Status.DeadlineExceeded;
        }

        if (status != Status.Success || snapshot.IsDiscarded || snapshot.IsGivenUp)
        {
            throw CannotSave(snapshot, snapshot.IsGivenUp ? Status.DeadlineExceeded : status);
        }
    }

    /// <summary>The upcall, for which somebody watches; nothing is held any more when it returns.</summary>
    private Status HaveSaved(PendingSnapshot snapshot, FaultContext context)
    {
        ContainerMemory memory = snapshot.Memory;
        if (!memory.TryEnter())                                     // its memory must stay for as long as the upcall
        {
            return Status.ContainerGone;
        }

        (Manager manager, Token token) = (memory.Manager, memory.Token);
        var pages = new UnsavedPages(snapshot, context);
        snapshot.Saving = pages;
        pages.Begin();
        try
        {
            return manager.ContainerStabiliseRequest(new StabiliseRequest(pages));
        }
        finally
        {
            pages.End();
            TellIfGivenUp(pages, manager, token);
            memory.Leave();
        }
    }

    private static void NoteStable(PendingSnapshot snapshot, FaultContext context)
    {
        ContainerMemory memory = snapshot.Memory;
        if (memory.HasRoot)
        {
            // The commit of a self-managing manager: what it has written is found from here.
            snapshot.Store?.SaveRoot(memory.Record.Id, memory.CopyRoot(snapshot.Snapshot.Interval));
        }
        else
        {
            snapshot.Store?.NoteStable(memory.Record, snapshot.Snapshot.Interval);
        }

        Finish(snapshot, context);
    }

    private static KernelException CannotSave(PendingSnapshot snapshot, Status status)
    {
        string what = $"container '{snapshot.Memory.Name}': its manager";
        StateInterval interval = snapshot.Snapshot.Interval;
        return snapshot.IsDiscarded
            ? new KernelException(Status.NoSuchInterval, $"{what} discarded interval {interval} before it was saved")
            : new KernelException(status, $"{what} could not save interval {interval}: {status}");
    }

    /// <summary>The manager says that all is safe: pages that it took at the cut itself are clean, too.</summary>
    private static void Finish(PendingSnapshot snapshot, FaultContext context)
    {
        ContainerMemory memory = snapshot.Memory;
        foreach (PageNumber page in snapshot.Pages.Pages)
        {
            memory.ForgetPreserved(snapshot.Pages, context, (long)page.Value);
        }

        lock (memory.CutLock)
        {
            memory.RemovePending(snapshot);
            memory.MoveLine(snapshot.Snapshot.Interval);
        }

        TellRecoverable(memory, snapshot.Snapshot.Interval);
        snapshot.Complete();
    }

    /// <summary>Until containers depend on each other, each one's newest stable snapshot is its line.</summary>
    private static void TellRecoverable(ContainerMemory memory, StateInterval interval)
    {
        try
        {
            Status status = ManagerCall.Make(
                memory.Name,
                nameof(Manager.SnapshotIsRecoverable),
                () => memory.Manager.SnapshotIsRecoverable(memory.Token, interval));
            ManagerCall.ThrowUnlessObeyed(memory.Name, nameof(Manager.SnapshotIsRecoverable), status);
        }
        catch (KernelException failure)
        {
            memory.SetQuarantine(failure);
        }
    }

    /// <summary>
    /// Nothing of this interval and of those cut since is lost: the open one has written it all, and the next cut saves
    /// it.
    /// </summary>
    private void Fail(PendingSnapshot failed, FaultContext context, KernelException failure)
    {
        ContainerMemory memory = failed.Memory;
        LogFailed(_log, failure, memory.Name, failed.Snapshot.Interval);
        lock (memory.CutLock)
        {
            memory.SaveFailure = failure;
            if (failed.IsGivenUp)
            {
                failed.Saving!.SetAbandoned(memory.Pending);        // its manager learns of it when it comes back
            }

            foreach (PendingSnapshot snapshot in memory.Pending)
            {
                memory.ReopenPreserved(snapshot.Pages, context);
                memory.RemovePending(snapshot);
                memory.NoteBurnt(snapshot.Snapshot.Interval);
                if (!failed.IsGivenUp)
                {
                    Abandon(memory.Manager, memory.Token, snapshot);
                }

                snapshot.Fail(failure);
            }
        }
    }

    private void Abandon(Manager manager, Token token, PendingSnapshot snapshot)
    {
        try
        {
            manager.SnapshotAbandoned(token, snapshot.Snapshot.Interval);
        }
#pragma warning disable CA1031 // A manager is somebody else's code; the other snapshots must still be answered for.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailed(_log, failure, snapshot.Memory.Name, snapshot.Snapshot.Interval);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Container '{Container}': interval {Interval} was not saved; what it wrote stays in memory")]
    private static partial void LogFailed(ILogger log, Exception failure, string container, StateInterval interval);
}
