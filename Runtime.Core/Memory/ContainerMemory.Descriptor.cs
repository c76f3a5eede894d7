using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>What a manager does to the pages of its container of its own accord.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>Brings pages in, all or none.</summary>
    internal Status Install(PageSet credits, long first, ReadOnlySpan<byte> source)
    {
        int count = source.Length / PageNumber.Size;
        FaultContext? asked = FindFault(first, count);
        Status status = TryBeginOwn(first, count, out FaultContext? context);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            if (_isRestoring)
            {
                return Status.Busy;                                 // what is in memory is being dropped
            }

            int cost = asked is null ? count : count - 1;
            if (cost > 0 && !credits.TrySpend(cost))
            {
                return Status.NotYourFrame;
            }

            status = Install(context!.Number, first, source, asked);
            if (status != Status.Success)
            {
                credits.Refund(cost);
            }

            return status;
        }
        finally
        {
            EndOwn(context!);
        }
    }

    internal Status Remove(long page, Span<byte> content, out bool isDirty)
    {
        isDirty = false;
        Status status = TryBeginOwn(page, 1, out FaultContext? context);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Absent)
            {
                return Status.Success;
            }

            if (!MayLeave(entry) || (entry.IsDirty && content.IsEmpty)
                || !Table.TryMove(page, entry, entry.BeginEvict(context!.Number)))
            {
                return Status.Busy;
            }

            // Closed before it is copied: what is written until then is part of it.
            if (!Windows.TryLower(page, 1, PageAccess.None))
            {
                AbandonVictim(page);
                return Status.Busy;
            }

            isDirty = entry.IsDirty;
            if (isDirty)
            {
                KernelView(page).CopyTo(content);
            }

            EvictRun(page, [Victims.NoSlot]);
            return Status.Success;
        }
        finally
        {
            EndOwn(context!);
        }
    }

    internal Status Protect(long page, bool mayRead)
    {
        Status status = TryBeginOwn(page, 1, out FaultContext? context);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Absent)
            {
                return Status.Success;
            }

            if (entry.Phase != PagePhase.Present
                || entry.Pins > 0
                || !Table.TryMove(page, entry, entry.BeginGrant(context!.Number)))
            {
                return Status.Busy;
            }

            var left = (PageAccess)Math.Min((int)entry.Granted, (int)(mayRead ? PageAccess.Read : PageAccess.None));
            bool isLowered = Windows.TryLower(page, 1, left);
            EndGrant(page, isLowered ? left : entry.Granted, entry.IsDirty, entry.IsReferenced);
            return isLowered ? Status.Success : Status.NoResources;
        }
        finally
        {
            EndOwn(context!);
        }
    }

    internal Status ScanDirty(StateInterval since, out IReadOnlyList<PageNumber> pages)
    {
        var found = new SortedSet<long>();
        lock (CutLock)
        {
            pages = [];
            if (since > _issued)
            {
                return Status.NoSuchInterval;
            }

            foreach (PendingSnapshot pending in Pending)
            {
                if (pending.Snapshot.Interval > since)
                {
                    found.UnionWith(pending.Pages.Pages.Select(page => (long)page.Value));
                }
            }

            var noted = new List<long>();
            Table.CollectWritten(noted);
            found.UnionWith(noted.Where(page => Table[page] is { IsDirty: true } or { IsEvicted: true }));
        }

        pages = [.. found.Select(page => new PageNumber((ulong)page))];
        return Status.Success;
    }

    /// <summary>The fault that the calling thread serves, if it asks for one of these pages.</summary>
    private FaultContext? FindFault(long first, int count) =>
        FaultContext.Current is { } fault
            && fault.Memory == this && fault.Page >= first && fault.Page < first + count && IsFilling(fault, fault.Page)
            ? fault
            : null;

    /// <summary>Enters the memory, as the owner of claims, unless some of the pages lie beyond the end.</summary>
    private Status TryBeginOwn(long first, int count, out FaultContext? context)
    {
        context = null;
        if (!TryEnter())
        {
            return Status.NotYourContainer;
        }

        if (first < 0 || first > PageNumber.CountFor(Length) - count)
        {
            Leave();
            return Status.OutOfRange;
        }

        context = FaultContext.BeginServing(this);
        return Status.Success;
    }

    private void EndOwn(FaultContext context)
    {
        context.EndServing();
        Leave();
    }

    private Status Install(int owner, long first, ReadOnlySpan<byte> source, FaultContext? asked)
    {
        int count = source.Length / PageNumber.Size;
        int claimed = 0;
        while (claimed < count && (first + claimed == asked?.Page || TryClaimAbsent(owner, first + claimed)))
        {
            claimed++;
        }

        Status status = claimed < count ? Status.AlreadyInstalled : Status.Success;
        int paid = 0;
        int filled = 0;
        while (status == Status.Success && filled < count)
        {
            long page = first + filled;
            if (page != asked?.Page)
            {
                paid++;
                if (!TryPopulate(page, 1, paid: 1))
                {
                    status = Status.NoResources;
                    break;
                }
            }

            source.Slice(filled * PageNumber.Size, PageNumber.Size).CopyTo(KernelView(page));
            filled++;
        }

        if (status == Status.Success)
        {
            OpenAround(first, count, asked);
            return status;
        }

        for (long page = first; page < first + claimed; page++)
        {
            if (page == asked?.Page)
            {
                continue;
            }

            if (page < first + filled)
            {
                AbandonFill(page);
            }
            else
            {
                UnclaimRun(page, 1);
            }
        }

        _resident.Budget.Overdraw(paid);                            // the credits are to be worth something again
        return status;
    }

    /// <summary>
    /// Opens the window to pages that are complete; the one that was asked for when its upcall returns.
    /// </summary>
    private void OpenAround(long first, int count, FaultContext? asked)
    {
        if (asked is null)
        {
            OpenRun(first, count);
            return;
        }

        OpenRun(first, (int)(asked.Page - first));
        OpenRun(asked.Page + 1, (int)(first + count - asked.Page - 1));
        asked.IsInstalled = true;
    }
}
