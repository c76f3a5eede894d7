using Runtime.Core.Faults;

namespace Runtime.Core.Memory;

/// <summary>
/// Dirty pages that left memory without their manager: put aside on the home volume, and in all else as if they were in
/// memory.
/// </summary>
internal sealed partial class ContainerMemory
{
    private long _spills;
    private long _spilledPages;

    /// <summary>Pages that were put aside.</summary>
    internal long Spills => Interlocked.Read(ref _spills);

    /// <summary>Those of them that are not in memory again.</summary>
    internal long SpilledPages => Interlocked.Read(ref _spilledPages);

    /// <summary>Whether a page is put aside now; one of a closed interval is not put aside again.</summary>
    internal bool IsSpilled(long page) => Table[page].IsSpilled;

    internal void CountSpilled(long pages)
    {
        Interlocked.Add(ref _spills, pages);
        Interlocked.Add(ref _spilledPages, pages);
    }

    /// <summary>
    /// A page's content at the cut, for a manager that takes it then; the page is held, and only the cut asks.
    /// </summary>
    /// <returns>For a page that was put aside a copy, until the next call.</returns>
    internal ReadOnlySpan<byte> ReadHeld(PreservedPages pages, long page)
    {
        PageEntry entry = Table[page];
        if (!entry.IsSpilled)
        {
            return KernelView(page);
        }

        _resident.Spill.Read(entry.Slot, pages.ReadBuffer);
        return pages.ReadBuffer;
    }

    /// <summary>Reads a page that the caller holds, wherever it is.</summary>
    private void ReadHeld(PageEntry held, long page, Span<byte> destination)
    {
        if (held.IsSpilled)
        {
            _resident.Spill.Read(held.Slot, destination);
        }
        else
        {
            KernelView(page).CopyTo(destination);
        }
    }

    /// <summary>Whether the page's content is the kernel's, and nobody has a claim on it.</summary>
    private static bool CanBeHeld(PageEntry entry) =>
        entry.Phase == PagePhase.Present || (entry.Phase == PagePhase.Absent && entry.IsSpilled);

    /// <summary>
    /// Brings a page back that was put aside, as it was. Memory comes first and the claim then, since a cut waits for
    /// the claim, and must not wait for memory.
    /// </summary>
    private Status Unspill(FaultContext context, PageEntry entry)
    {
        long page = context.Page;
        long cost = _section.CostOf(page, 1);
        Status taken = _resident.Take(cost, Manager, context.DeadlineMs);
        if (taken != Status.Success)
        {
            return IsClosed ? Status.ContainerGone : taken;
        }

        if (!Table.TryMove(page, entry, entry.BeginFill(context.Number)))
        {
            _resident.Budget.Give(cost);
            return Status.Success;                                  // looks again
        }

        if (!TryPopulate(page, 1, cost))
        {
            End(page, 0, static (claimed, _) => claimed.AbandonFill());
            return Status.NoResources;
        }

        bool isComplete = false;
        _resident.BeginFill();
        try
        {
            _resident.Spill.Read(entry.Slot, KernelView(page));
            isComplete = true;
        }
        finally
        {
            _resident.EndFill();
            if (!isComplete)
            {
                AbandonFill(page);
            }
        }

        CompleteFill(page);
        FreeSpilled(entry);
        return Grant(context, entry);
    }

    /// <summary>Nobody needs what was put aside any more, since the entry that says where has made its move.</summary>
    private void FreeSpilled(PageEntry before)
    {
        if (before.IsSpilled)
        {
            _resident.Spill.Free(before.Slot);
            Interlocked.Decrement(ref _spilledPages);
        }
    }

    /// <summary>The container is closed, and nobody is inside.</summary>
    private void FreeAllSpilled()
    {
        for (long page = Table.FindUsed(0); SpilledPages > 0 && page < PageCount; page = Table.FindUsed(page + 1))
        {
            FreeSpilled(Table[page]);
        }
    }
}
