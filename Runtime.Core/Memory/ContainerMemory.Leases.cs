using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Pages held for leases: brought in by the same way as by a fault, then pinned.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>
    /// Counts a lease in; waits while leases have to end for something that does not close the container.
    /// </summary>
    /// <returns>False if it is closed, or the time for it is over.</returns>
    internal bool TryEnterLease()
    {
        long deadlineMs = Environment.TickCount64 + DeadlineMs;
        while (!Leases.TryEnter())
        {
            if (IsClosed || !_progress.Wait(deadlineMs))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Lets leases begin again.</summary>
    internal void ReopenLeases()
    {
        Leases.Reopen();
        _progress.Signal();
    }

    /// <summary>Brings pages in, open in the window, and pins them; on failure none stays pinned.</summary>
    internal Status PinRange(Window window, long firstPage, long pageCount, Access access)
    {
        if (pageCount > _resident.Budget.Limit)
        {
            return Status.NoResources;
        }

        for (long page = firstPage; page < firstPage + pageCount; page++)
        {
            Status status = Pin(window, page, access);
            if (status != Status.Success)
            {
                UnpinRange(firstPage, page - firstPage);
                return status;
            }
        }

        return Status.Success;
    }

    internal void UnpinRange(long firstPage, long pageCount)
    {
        for (long page = firstPage; page < firstPage + pageCount; page++)
        {
            Table.Move(page, 0, static (entry, _) => entry.Unpin());
        }
    }

    /// <summary>Whether all pages could be pinned without waiting for anything.</summary>
    internal bool IsGranted(long firstPage, long pageCount, Access access)
    {
        for (long page = firstPage; page < firstPage + pageCount; page++)
        {
            PageEntry entry = Table[page];
            if (entry.Phase != PagePhase.Present || entry.Granted < Needed(access))
            {
                return false;
            }
        }

        return true;
    }

    private Status Pin(Window window, long page, Access access)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Present && entry.Granted >= Needed(access))
            {
                if (Table.TryMove(page, entry, entry.Pin()))
                {
                    return Windows.IsSingle || TryOpenPinned(window, page) ? Status.Success : Status.NoResources;
                }

                continue;
            }

            Status status = ServeLease(window, page, access);
            if (status != Status.Success)
            {
                return status;
            }
        }
    }

    /// <summary>Some window allows what the lease needs; this one shall, too. On failure the pin is given up.</summary>
    private bool TryOpenPinned(Window window, long page)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.IsClaimed)
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
            else if (Table.TryMove(page, entry, entry.BeginGrant(owner: 0)))
            {
                bool isOpen = window.TryProtect(page, 1, entry.Granted);
                EndGrant(page, entry.Granted, entry.IsDirty);
                if (!isOpen)
                {
                    UnpinRange(page, 1);
                }

                return isOpen;
            }
        }
    }

    private Status ServeLease(Window window, long page, Access access)
    {
        ulong before = Trap.ExchangeServing(0);
        FaultContext context = FaultContext.Enter(this, (ulong)page * PageNumber.Size, access, before, DeadlineMs);
        context.Window = window;
        context.IsLease = true;
        Trap.ExchangeServing((ulong)context.Number);
        try
        {
            return FaultRouter.ServeOrNote(context);
        }
        finally
        {
            Trap.ExchangeServing(before);
            context.Exit();
        }
    }
}
