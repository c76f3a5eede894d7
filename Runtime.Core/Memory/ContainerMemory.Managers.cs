using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Core.Storage;

namespace Runtime.Core.Memory;

/// <summary>Whose the container is, and how it comes to be another's.</summary>
internal sealed partial class ContainerMemory
{
    private readonly Lock _handLock = new();                        // guards _hand, and that it has what is allocated
    private ClockHand _hand;

    internal Manager Manager { get; private set; }

    /// <summary>By this its manager knows it.</summary>
    internal Token Token { get; private set; }

    /// <summary>What its volume says of it.</summary>
    internal required ContainerRecord Record { get; set; }

    internal bool IsReadOnly { get; private set; }

    /// <summary>
    /// The container is another manager's; nobody writes, and no cut is made. What is in memory is counted there.
    /// </summary>
    internal void ChangeManager(Manager manager, ManagedContainer managed, ContainerRecord record)
    {
        lock (_handLock)
        {
            long held = Interlocked.Read(ref _allocated);
            _resident.Remove(this);
            _hand.AddHeld(-held);
            (Manager, Token, Record, IsReadOnly) = (manager, managed.Token, record, managed.IsReadOnly);
            _hand = _resident.Add(this);
            _hand.AddHeld(held);
        }

        lock (CutLock)
        {
            _line = managed.Baseline;
            _level = managed.Level;
            _quarantine = null;
        }
    }

    /// <summary>
    /// Pages of the open interval that the manager has already are in nobody else's hands, or soon will not be: has
    /// them written in memory again, for which it is asked though it has failed. Those that it does not supply are
    /// lost.
    /// </summary>
    internal void BringBackEvicted()
    {
        var written = new List<long>();
        Table.CollectWritten(written);
        bool answers = true;
        foreach (long page in written)
        {
            if (!Table[page].IsEvicted)
            {
                continue;
            }

            Status status = answers ? BringBackInTime(page) : Status.ManagerFailed;
            if (status == Status.NoResources)
            {
                throw new KernelException(
                    Status.NoResources,
                    $"container '{Name}': there is no memory for page {page}, which only its manager has");
            }

            if (status != Status.Success)
            {
                answers &= status != Status.DeadlineExceeded;       // one that hangs is waited for once
                Lose(page);
            }
        }
    }

    /// <summary>On a thread of its own, which a manager that hangs may keep.</summary>
    private Status BringBackInTime(long page)
    {
        Task<Status> asking = Task.Factory.StartNew(
            () => BringBack(page), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return asking.Wait(DeadlineMs) ? asking.Result : Status.DeadlineExceeded;
    }

    private Status BringBack(long page)
    {
        FaultContext context = FaultContext.BeginServing(this, (ulong)page * PageNumber.Size, Access.Write);
        context.Pane = Windows.FindInMain(page);
        context.IsLease = true;                                     // it passes the gate, which is closed for others
        context.AsksInQuarantine = true;
        try
        {
            return FaultRouter.ServeOrNote(context);
        }
        finally
        {
            context.EndServing();
        }
    }

    private void CountAllocated(long pages)
    {
        lock (_handLock)
        {
            Interlocked.Add(ref _allocated, pages);
            _hand.AddHeld(pages);
        }
    }
}
