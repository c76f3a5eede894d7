using Runtime.Core.Faults;
using Runtime.Core.Managers;

namespace Runtime.Core.Memory;

/// <summary>Pages that tasks supply: the claim is the task's, and outlives whoever waits for it.</summary>
internal sealed partial class ContainerMemory
{
    private CancellationTokenSource? _closing;

    /// <summary>Cancelled, on one of the kernel's threads, when the container is closed.</summary>
    internal CancellationToken Closing
    {
        get
        {
            CancellationTokenSource source = LazyInitializer.EnsureInitialized(ref _closing)!;
            if (IsClosed)
            {
                CancelRequests();
            }

            return source.Token;
        }
    }

    /// <summary>Claims one more page for a task, behind those that it has.</summary>
    internal bool TryExtend(FaultContext owner, long page)
    {
        if (page % Victims.Most == 0
            || IsBeyondEnd(page)
            || IsLost(page)
            || !TryClaimAbsent(owner.Number, page))
        {
            return false;
        }

        long cost = _section.CostOf(page, 1);
        bool isPaid = (cost == 0 || !_section.ShowsNewMemory) && _resident.Budget.TryTake(cost);
        if (isPaid && TryPopulate(page, 1, cost))
        {
            return true;
        }

        UnclaimRun(page, 1);
        return false;
    }

    /// <summary>The task has ended.</summary>
    /// <param name="owner">Of the claims.</param>
    /// <param name="count">How many pages it has.</param>
    /// <param name="isFilled">Whether they are complete.</param>
    internal void EndRequest(FaultContext owner, int count, bool isFilled)
    {
        // Of several pages the one that was touched last: who waits for it finds the others as they are to be.
        long page = owner.Page;
        if (!isFilled)
        {
            AbandonRun(page + 1, count - 1);
            AbandonRun(page, 1);
        }
        else if (owner.Access == Access.Write)
        {
            OpenRun(page + 1, count - 1);
            CompleteFill(page);                                     // who writes opens it himself, at once for that
            EndGrant(page, Runtime.Native.PageAccess.None, isDirty: false);
        }
        else
        {
            OpenRun(page, count);
        }

        owner.Exit();
        _resident.EndFill();
        Leave();
    }

    /// <summary>Has the manager begin a task for an absent page; the fault then waits like any other.</summary>
    /// <param name="asker">The fault.</param>
    /// <param name="absent">The page's entry as it was found.</param>
    /// <param name="request">The task, if one was begun.</param>
    private Status BeginRequest(FaultContext asker, PageEntry absent, ref PageRequest? request)
    {
        int leftMs = (int)Math.Max(asker.DeadlineMs - Environment.TickCount64, 0);
        FaultContext owner = FaultContext.Enter(this, asker.Offset, asker.Access, (ulong)asker.Number, leftMs);
        bool isBegun = false;
        try
        {
            if (!Table.TryMove(asker.Page, absent, absent.BeginFill(owner.Number)))
            {
                return Status.Success;                              // looks again
            }

            Status status = TryPayFill(owner, isNested: asker.Parent is not null);
            if (status != Status.Success)
            {
                return status;
            }

            if (!TryEnter())                                        // for the task
            {
                AbandonFill(asker.Page);
                return Status.ContainerGone;
            }

            owner.RequestedPages = asker.RequestedPages;
            Interlocked.Increment(ref _upcalls);
            _resident.BeginFill();
            request = new PageRequest(this, owner, _resident.Tasks);
            isBegun = true;
            request.Begin();
            return Status.Success;
        }
        finally
        {
            if (!isBegun)
            {
                owner.Exit();
            }
        }
    }

    private void CancelRequests()
    {
        if (Volatile.Read(ref _closing) is { IsCancellationRequested: false } source)
        {
            _resident.Tasks.Enqueue(() => Cancel(source));
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException)
        {
            // What a manager's callbacks throw is nothing that the kernel could mend.
        }
    }
}
