using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>From a touch of a page to the grant: the life of a read fault and of a write fault.</summary>
internal sealed partial class ContainerMemory
{
    // answered without installing: once more, then it failed
    private const int UpcallsPerFault = 2;
    private const int LongestSleepMs = 1000;

    /// <summary>Makes the window allow the access of <paramref name="context"/>, by whatever that takes.</summary>
    internal Status Serve(FaultContext context)
    {
        long page = context.Page;
        for (int upcalls = 0; !IsClosed;)
        {
            PageEntry entry = Table[page];
            Status status = Status.Success;
            switch (entry.Phase)
            {
                case PagePhase.Absent:
                    if (upcalls == UpcallsPerFault)
                    {
                        return Status.ManagerFailed;
                    }

                    if (Table.TryMove(page, entry, entry.BeginFill(context.Number)))
                    {
                        upcalls++;
                        status = Fill(context);
                    }

                    break;
                case PagePhase.Present when entry.Granted >= Needed(context.Access):
                    return Status.Success;
                case PagePhase.Present:
                    if (Table.TryMove(page, entry, entry.BeginGrant(context.Number)))
                    {
                        status = Grant(context, entry.Granted, entry.IsDirty);
                    }

                    break;
                default:
                    status = WaitForClaim(context, entry);
                    break;
            }

            if (status != Status.Success)
            {
                return status;
            }
        }

        return Status.ContainerGone;
    }

    /// <summary>Ends a claim on a page that will not come, and forgets what was filled in so far.</summary>
    internal void AbandonFill(long page)
    {
        _section.Discard(page, 1);
        PageEntry entry;
        do
        {
            entry = Table[page];
        }
        while (!Table.TryMove(page, entry, entry.AbandonFill()));
        WakeIfWaitedFor(page, entry);
    }

    /// <summary>Claims an absent page beside the one that faulted.</summary>
    internal bool TryClaimNeighbour(FaultContext context, long page)
    {
        if (page < 0 || page >= PageNumber.CountFor(Length))
        {
            return false;
        }

        PageEntry entry = Table[page];
        if (entry.Phase != PagePhase.Absent || !Table.TryMove(page, entry, entry.BeginFill(context.Number)))
        {
            return false;
        }

        if (!_section.TryPopulate(page, 1))
        {
            AbandonFill(page);
            return false;
        }

        context.Neighbours.Add(page);
        return true;
    }

    internal bool IsFilling(FaultContext context, long page)
    {
        PageEntry entry = Table[page];
        return entry.Phase == PagePhase.Filling && entry.Owner == context.Number;
    }

    /// <summary>Gives a neighbour up that was claimed and not installed.</summary>
    internal void AbandonNeighbour(FaultContext context, long page)
    {
        if (IsFilling(context, page))
        {
            AbandonFill(page);
        }
    }

    /// <summary>Opens the window for reading to a neighbour that is complete.</summary>
    internal void InstallNeighbour(long page)
    {
        CompleteFill(page);
        bool isOpen = Window.TryProtect(page, 1, PageAccess.Read);
        EndGrant(page, isOpen ? PageAccess.Read : PageAccess.None, isDirty: false);
    }

    /// <summary>Withdraws a grant to save its mapping; the page stays, and its next touch is a soft fault.</summary>
    internal bool TryWithdraw(long page)
    {
        PageEntry entry = Table[page];
        if (entry.Phase == PagePhase.Absent || (entry.Phase == PagePhase.Present && entry.Granted == PageAccess.None))
        {
            return true;
        }

        if (entry.Phase != PagePhase.Present
            || entry.Pins > 0
            || !Table.TryMove(page, entry, entry.BeginGrant(owner: 0)))
        {
            return false;
        }

        EndGrant(page, Window.Withdraw(page), entry.IsDirty);
        return true;
    }

    private static PageAccess Needed(Access access) =>
        access == Access.Write ? PageAccess.ReadWrite : PageAccess.Read;

    /// <summary>The upcall. The page is claimed, and nobody else sees it until the window is opened to it.</summary>
    private Status Fill(FaultContext context)
    {
        long page = context.Page;
        bool isComplete = false;
        try
        {
            if (!_section.TryPopulate(page, 1))
            {
                return Status.NoResources;
            }

            Interlocked.Increment(ref _upcalls);
            context.IsInstalled = false;
            Status status = Manager.ContainerFault(new PageFault(context));
            isComplete = status == Status.Success && context.IsInstalled;
            if (!isComplete)
            {
                return status;
            }
        }
        finally
        {
            foreach (long neighbour in context.Neighbours)
            {
                AbandonNeighbour(context, neighbour);               // a manager forgot it: nobody shall wait for it
            }

            context.Neighbours.Clear();
            if (!isComplete)
            {
                AbandonFill(page);
            }
        }

        CompleteFill(page);
        return Grant(context, PageAccess.None, isDirty: false);
    }

    /// <summary>
    /// Opens the window to a claimed page. For a write the page is noted as written first, and only then the gate is
    /// looked at: either the cut sees the note and waits for this claim, or the gate is seen closed. A write lease
    /// passes
    /// a closed gate, because the cut waits for it.
    /// </summary>
    private Status Grant(FaultContext context, PageAccess granted, bool isDirty)
    {
        long page = context.Page;
        if (context.Access != Access.Write)
        {
            bool isOpen = Window.TryProtect(page, 1, PageAccess.Read);
            EndGrant(page, isOpen ? PageAccess.Read : granted, isDirty);
            return isOpen ? Status.Success : Status.NoResources;
        }

        Table.NoteWrite(page);
        if (Gate.IsCutting && !context.IsLease)
        {
            EndGrant(page, granted, isDirty);
            return Gate.WaitForCut(context.DeadlineMs) ? Status.Success : Status.DeadlineExceeded;
        }

        bool isWritable = Window.TryProtect(page, 1, PageAccess.ReadWrite);
        EndGrant(page, isWritable ? PageAccess.ReadWrite : granted, isDirty || isWritable);
        return isWritable ? Status.Success : Status.NoResources;
    }

    private Status WaitForClaim(FaultContext context, PageEntry entry)
    {
        long left = context.DeadlineMs - Environment.TickCount64;
        if (left <= 0)
        {
            return Status.DeadlineExceeded;
        }

        bool isNested = context.Parent is not null;                 // only a nested fault can keep others waiting
        if (isNested && !FaultChains.TryBeginWait(context, Table, context.Page))
        {
            return Status.ManagerRecursion;
        }

        _waiters.Wait(Table, context.Page, entry, (int)Math.Min(left, LongestSleepMs));
        if (isNested)
        {
            FaultChains.EndWait(context);
        }

        return Status.Success;
    }

    private void CompleteFill(long page)
    {
        PageEntry entry;
        do
        {
            entry = Table[page];
        }
        while (!Table.TryMove(page, entry, entry.Install()));
        Interlocked.Increment(ref _residentPages);
    }

    private void EndGrant(long page, PageAccess granted, bool isDirty)
    {
        PageEntry entry;
        do
        {
            entry = Table[page];
        }
        while (!Table.TryMove(page, entry, entry.EndGrant(granted, isDirty)));
        WakeIfWaitedFor(page, entry);
    }

    private void WakeIfWaitedFor(long page, PageEntry entry)
    {
        if (entry.IsWaitedFor)
        {
            _waiters.Wake(page);
        }
    }
}
