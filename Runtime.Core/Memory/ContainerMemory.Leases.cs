using Runtime.Core.Faults;

namespace Runtime.Core.Memory;

/// <summary>Pages held for leases: brought in by the same way as by a fault, then pinned.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>
    /// Counts a lease in; waits while leases have to end for something that does not close the container.
    /// </summary>
    /// <returns>False if it is closed, or the time for it is over.</returns>
    internal bool TryEnterLease(long deadlineMs)
    {
        while (!Leases.TryEnter())
        {
            if (!WaitForLeases(deadlineMs))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Waits a little for leases to begin again; false if it is closed, or the time for it is over.</summary>
    internal bool WaitForLeases(long deadlineMs) => !IsClosed && _progress.Wait(deadlineMs);

    /// <summary>Lets leases begin again, unless others want them to have ended, too.</summary>
    internal void ReopenLeases()
    {
        lock (_leaseLock)
        {
            if (--_leaseStops == 0)
            {
                Leases.Reopen();
            }
        }

        _progress.Signal();
    }

    /// <summary>Brings pages in, open in the pane, and pins them; on failure none stays pinned.</summary>
    /// <param name="pane">Where they are to be seen; null if only the kernel wants them.</param>
    /// <param name="firstPage">The first.</param>
    /// <param name="pageCount">How many.</param>
    /// <param name="access">For what.</param>
    internal Status PinRange(Pane? pane, long firstPage, long pageCount, Access access)
    {
        if (pageCount > _resident.Budget.Limit)
        {
            return Status.NoResources;
        }

        for (long page = firstPage; page < firstPage + pageCount; page++)
        {
            Status status = Pin(pane, page, firstPage + pageCount - page, access);
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

    private Status Pin(Pane? pane, long page, long pagesLeft, Access access)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Present && entry.Granted >= Needed(access))
            {
                if (Table.TryMove(page, entry, entry.Pin()))
                {
                    return pane is null || Windows.IsSingle || TryOpenPinned(pane, page)
                        ? Status.Success
                        : Status.NoResources;
                }

                continue;
            }

            Status status = ServeLease(pane, page, pagesLeft, access);
            if (status != Status.Success)
            {
                return status;
            }
        }
    }

    /// <summary>Some pane allows what the lease needs; this one shall, too. On failure the pin is given up.</summary>
    private bool TryOpenPinned(Pane pane, long page)
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
                bool isOpen = pane.TryProtect(page, 1, entry.Granted);
                EndGrant(page, entry.Granted, entry.IsDirty);
                if (!isOpen)
                {
                    UnpinRange(page, 1);
                }

                return isOpen;
            }
        }
    }

    private Status ServeLease(Pane? pane, long page, long pagesLeft, Access access)
    {
        FaultContext context = FaultContext.BeginServing(this, (ulong)page * PageNumber.Size, access);
        context.Pane = pane;
        context.IsLease = true;
        Request(context, pagesLeft);
        try
        {
            return FaultRouter.ServeOrNote(context);
        }
        finally
        {
            context.EndServing();
        }
    }
}
