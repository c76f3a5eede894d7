using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Pages held for leases: brought in by the same way as by a fault, then pinned.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>Brings pages in and pins them; on failure none stays pinned.</summary>
    internal Status PinRange(long firstPage, long pageCount, Access access)
    {
        for (long page = firstPage; page < firstPage + pageCount; page++)
        {
            Status status = Pin(page, access);
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
            PageEntry entry;
            do
            {
                entry = Table[page];
            }
            while (!Table.TryMove(page, entry, entry.Unpin()));
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

    private Status Pin(long page, Access access)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Present && entry.Granted >= Needed(access))
            {
                if (Table.TryMove(page, entry, entry.Pin()))
                {
                    return Status.Success;
                }

                continue;
            }

            Status status = ServeLease(page, access);
            if (status != Status.Success)
            {
                return status;
            }
        }
    }

    private Status ServeLease(long page, Access access)
    {
        ulong before = Trap.ExchangeServing(0);
        FaultContext context = FaultContext.Enter(this, (ulong)page * PageNumber.Size, access, before, DeadlineMs);
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
