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
        PageRequest? request = null;
        try
        {
            return Serve(context, ref request);
        }
        finally
        {
            request?.LeaveAlone();
        }
    }

    private Status Serve(FaultContext context, ref PageRequest? request)
    {
        long page = context.Page;
        context.IsOpen = false;
        for (int unanswered = 0; !IsClosed;)
        {
            if (_isRestoring)
            {
                if (!_progress.Wait(context.DeadlineMs))
                {
                    return Status.DeadlineExceeded;
                }

                continue;
            }

            if (request is { Outcome: not (Status.Accepted or Status.Success) } failed)
            {
                return FaultAnswer.Note(failed.Outcome, failed.Failure);
            }

            PageEntry entry = Table[page];
            Status status = Status.Success;
            switch (entry.Phase)
            {
                case PagePhase.Absent when entry.IsSpilled:
                    status = Unspill(context, entry);
                    break;
                case PagePhase.Absent:
                    if (unanswered == UpcallsPerFault)
                    {
                        return Status.ManagerFailed;
                    }

                    if (!context.AsksInQuarantine)
                    {
                        ThrowIfQuarantined();
                    }

                    if (Manager.Awaits)
                    {
                        status = BeginRequest(context, entry, ref request);
                    }
                    else if (Table.TryMove(page, entry, entry.BeginFill(context.Number)))
                    {
                        status = Fill(context);

                        // What came may have to go again while the fault waits for a cut: that is nobody's failure.
                        unanswered = context.IsInstalled ? 0 : unanswered + 1;
                    }

                    break;
                case PagePhase.Present when entry.Granted >= Needed(context.Access) && Windows.IsSingle:
                    return Status.Success;
                case PagePhase.Present:
                    if (Table.TryMove(page, entry, entry.BeginGrant(context.Number)))
                    {
                        status = Grant(context, entry);
                    }

                    break;
                default:
                    status = WaitForClaim(context, entry);
                    break;
            }

            if (status != Status.Success || context.IsOpen)
            {
                return status;
            }
        }

        return Status.ContainerGone;
    }

    /// <summary>Ends a claim on a page that will not come, and forgets what was filled in so far.</summary>
    internal void AbandonFill(long page)
    {
        GiveBack(_section.Discard(page, 1));
        End(page, 0, static (entry, _) => entry.AbandonFill());
    }

    /// <summary>Claims an absent page beside the one that faulted.</summary>
    internal bool TryClaimNeighbour(FaultContext context, long page)
    {
        if (page < 0 || IsBeyondEnd(page) || IsLost(page))
        {
            return false;
        }

        if (!TryClaimAbsent(context.Number, page))
        {
            return false;
        }

        long cost = _section.CostOf(page, 1);
        if (!_resident.Budget.TryTake(cost))
        {
            End(page, 0, static (claimed, _) => claimed.AbandonFill());
            return false;
        }

        if (!TryPopulate(page, 1, cost))
        {
            End(page, 0, static (claimed, _) => claimed.AbandonFill());
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
    internal void InstallNeighbour(FaultContext context, long page)
    {
        CompleteFill(page);
        bool isOpen = context.Pane is { } pane && pane.Contains(page) && pane.TryProtect(page, 1, PageAccess.Read);
        EndGrant(page, isOpen ? PageAccess.Read : PageAccess.None, isDirty: false, isReferenced: false);
    }

    /// <summary>Withdraws a grant to save its mapping; the page stays, and its next touch is a soft fault.</summary>
    internal bool TryWithdraw(Pane pane, long page)
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

        bool isOpen = pane.TryWithdraw(page, out PageAccess left);
        EndGrant(page, isOpen && Windows.IsSingle ? left : entry.Granted, entry.IsDirty, entry.IsReferenced);
        return isOpen;
    }

    private static PageAccess Needed(Access access) =>
        access == Access.Write ? PageAccess.ReadWrite : PageAccess.Read;

    /// <summary>The upcall. The page is claimed, and nobody else sees it until the window is opened to it.</summary>
    private Status Fill(FaultContext context)
    {
        long page = context.Page;
        Status paid = TryPayFill(context, isNested: context.Parent is not null);
        if (paid != Status.Success)
        {
            return paid;
        }

        bool isComplete = false;
        _resident.BeginFill();
        try
        {
            Interlocked.Increment(ref _upcalls);
            (context.IsInstalled, context.Failure) = (false, null);
            Status status = Manager.ContainerFault(new PageFault(context));
            isComplete = status == Status.Success && context.IsInstalled;
            if (!isComplete)
            {
                return FaultAnswer.Take(Name, status, context.Failure);
            }
        }
        finally
        {
            foreach (long neighbour in context.Neighbours)
            {
                AbandonNeighbour(context, neighbour);               // a manager forgot it: nobody shall wait for it
            }

            context.Neighbours.Clear();
            _resident.EndFill();
            if (!isComplete)
            {
                AbandonFill(page);
            }
        }

        CompleteFill(page);
        return Grant(context, before: default);
    }

    /// <summary>Gives a claimed page memory, or ends the claim.</summary>
    private Status TryPayFill(FaultContext context, bool isNested)
    {
        long page = context.Page;
        Status place = IsBeyondEnd(page) ? Status.OutOfRange : IsLost(page) ? Status.Lost : Status.Success;
        if (place != Status.Success)
        {
            End(page, 0, static (entry, _) => entry.AbandonFill());
            return place;
        }

        long cost = _section.CostOf(page, 1);
        Status taken = _resident.Take(cost, Manager, context.DeadlineMs, isNested);
        if (taken != Status.Success)
        {
            End(page, 0, static (entry, _) => entry.AbandonFill());
            return IsClosed ? Status.ContainerGone : taken;         // one that closes has no pages to give
        }

        if (!TryPopulate(page, 1, cost))
        {
            End(page, 0, static (entry, _) => entry.AbandonFill());
            return FaultAnswer.Note(Status.NoResources, RefusedCall.Take());
        }

        return Status.Success;
    }

    /// <summary>
    /// Opens the window to a claimed page. For a write the page is noted as written first, and only then the gate is
    /// looked at: either the cut sees the note and waits for this claim, or the gate is seen closed. A write lease
    /// passes a closed gate while the cut still waits for leases.
    /// </summary>
    private Status Grant(FaultContext context, PageEntry before)
    {
        long page = context.Page;
        if (IsBeyondEnd(page))
        {
            EndGrant(page, before.Granted, before.IsDirty);
            return Status.OutOfRange;
        }

        if (context.Access != Access.Write)
        {
            // Another window may allow more already, and this one may lose nothing.
            var granted = (PageAccess)Math.Max((int)PageAccess.Read, (int)before.Granted);
            bool isOpen = TryOpen(context, granted);
            EndGrant(page, isOpen ? granted : before.Granted, before.IsDirty);
            return EndServing(context, isOpen);
        }

        Table.NoteWrite(page);
        if (Gate.IsCutting && !context.IsLease)
        {
            EndGrant(page, before.Granted, before.IsDirty);
            return Gate.WaitForCut(context.DeadlineMs) ? Status.Success : Status.DeadlineExceeded;
        }

        if (before.IsUnsaved && !TryPreserve(page))
        {
            EndGrant(page, before.Granted, before.IsDirty);
            return WaitForSave(context) ? Status.Success : Status.DeadlineExceeded;
        }

        // What was put aside just now comes to nothing if its interval does: only the open one is sure to save it then.
        bool isWritable = TryOpen(context, PageAccess.ReadWrite);
        EndGrant(
            page,
            isWritable ? PageAccess.ReadWrite : before.Granted,
            before.IsDirty || before.IsUnsaved || isWritable);
        return EndServing(context, isWritable);
    }

    private static bool TryOpen(FaultContext context, PageAccess granted) =>
        context.Pane is not { } pane || pane.TryProtect(context.Page, 1, granted);

    /// <summary>
    /// A window that has come to show something else there was not opened, and the touch looks again what that is.
    /// </summary>
    private static Status EndServing(FaultContext context, bool isOpen)
    {
        if (!isOpen && context.Pane is { IsClosed: true } pane)
        {
            pane.WaitWhileClosing();
            isOpen = true;
        }

        context.IsOpen = isOpen;
        return isOpen ? Status.Success : FaultAnswer.Note(Status.NoResources, RefusedCall.Take());
    }

    /// <summary>
    /// Whether the container has become shorter while a fault waited. Asked under a claim on the page: a shorter length
    /// stands before <see cref="Drop(long)"/> looks for claims.
    /// </summary>
    private bool IsBeyondEnd(long page) => page >= PageNumber.CountFor(Length);

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

        TaskThreads? threads = TaskThreads.Current;
        threads?.BeginWait();
        _waiters.Wait(Table, context.Page, entry, (int)Math.Min(left, LongestSleepMs));
        threads?.EndWait();
        if (isNested)
        {
            FaultChains.EndWait(context);
        }

        return Status.Success;
    }

    private void CompleteFill(long page)
    {
        Table.Move(page, 0, static (entry, _) => entry.Install());
        Interlocked.Increment(ref _residentPages);
    }

    private void EndGrant(long page, PageAccess granted, bool isDirty, bool isReferenced = true) => End(
        page,
        (granted, isDirty, isReferenced),
        static (entry, end) => entry.EndGrant(end.granted, end.isDirty, end.isReferenced));

    /// <summary>Makes the move that ends a claim, and wakes who sleeps until then.</summary>
    /// <returns>The entry before.</returns>
    private PageEntry End<TArgument>(long page, TArgument argument, Func<PageEntry, TArgument, PageEntry> move)
    {
        PageEntry before = Table.Move(page, argument, move);
        if (before.IsWaitedFor)
        {
            _waiters.Wake(page);
        }

        return before;
    }
}
