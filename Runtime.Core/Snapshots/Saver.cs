using Microsoft.Extensions.Logging;
using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Snapshots;

/// <summary>Has snapshots saved by their managers, those of a container in the order of their cuts.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed partial class Saver : IDisposable
{
    private readonly SaveQueue _queue;
    private readonly ILogger _log;
    private volatile bool _isDisposed;

    internal Saver(ILogger log)
    {
        _log = log;
        _queue = new SaveQueue(Save);
    }

    /// <summary>
    /// Takes a snapshot on; the caller holds the locks under which it was cut, so that order is kept.
    /// </summary>
    internal void Add(PendingSnapshot snapshot)
    {
        snapshot.Saver = this;
        _queue.Add(snapshot);
    }

    /// <summary>Whether nothing is saved any more.</summary>
    internal bool IsDisposed => _isDisposed;

    /// <summary>For a thread that is going to wait for it: it may as well save it.</summary>
    internal void SaveUntil(PendingSnapshot snapshot)
    {
        ulong serving = Trap.ExchangeServing(0);
        Trap.ExchangeServing(serving);
        if (serving == 0)                                           // a manager may hold what saving needs
        {
            _queue.SaveUntil(snapshot);
        }
    }

    /// <summary>For somebody who waits without a thread.</summary>
    internal void Hurry() => _queue.Hurry();

    /// <summary>Saves what was added.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _queue.Dispose();
    }

    private void Save(PendingSnapshot snapshot)
    {
        if (snapshot.Snapshot.IsFailed)
        {
            return;                                                 // with an older one, on which it was built
        }

        ContainerMemory memory = snapshot.Memory;
        ulong before = Trap.ExchangeServing(0);
        FaultContext context = FaultContext.Enter(memory, offset: 0, Access.Read, before, memory.DeadlineMs);
        Trap.ExchangeServing((ulong)context.Number);
        try
        {
            using var pages = new UnsavedPages(snapshot, context);
            Status status = memory.Manager.ContainerStabiliseRequest(new StabiliseRequest(pages));
            pages.Dispose();                                        // before the rest of them is looked at
            if (status != Status.Success)
            {
                throw new KernelException(
                    status,
                    $"container '{memory.Name}': its manager could not save interval "
                        + $"{snapshot.Snapshot.Interval}: {status}");
            }

            Finish(snapshot, context);
        }
#pragma warning disable CA1031 // A manager is somebody else's code; whatever it throws must be answered for.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(snapshot, context, failure as KernelException ?? new KernelException(
                Status.ManagerFailed,
                $"container '{memory.Name}': its manager threw when it saved interval {snapshot.Snapshot.Interval}",
                failure));
        }
        finally
        {
            Trap.ExchangeServing(before);
            context.Exit();
        }
    }

    /// <summary>The manager says that all is safe: pages that it took at the cut itself are clean, too.</summary>
    private static void Finish(PendingSnapshot snapshot, FaultContext context)
    {
        ContainerMemory memory = snapshot.Memory;
        foreach (PageNumber page in snapshot.Pages.Pages)
        {
            unsafe
            {
                if (memory.HoldPreserved(snapshot.Pages, context, (long)page.Value) is not null)
                {
                    memory.ReleasePreserved(snapshot.Pages, (long)page.Value, isSaved: true);
                }
            }
        }

        lock (memory.CutLock)
        {
            memory.RemovePending(snapshot);
        }

        snapshot.Complete();
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
            foreach (PendingSnapshot snapshot in memory.Pending)
            {
                memory.ReopenPreserved(snapshot.Pages, context);
                memory.RemovePending(snapshot);
                Abandon(snapshot);
                snapshot.Fail(failure);
            }
        }
    }

    private void Abandon(PendingSnapshot snapshot)
    {
        try
        {
            snapshot.Memory.Manager.SnapshotAbandoned(snapshot.Memory.Token, snapshot.Snapshot.Interval);
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
