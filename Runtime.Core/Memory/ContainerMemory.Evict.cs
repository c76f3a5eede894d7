using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>How pages leave memory while the container stays open.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>How many pages the table has room for.</summary>
    internal long PageCount => Table.PageCount;

    /// <summary>
    /// Looks at the pages of one stretch from <paramref name="page"/> on, and moves it behind them: pages touched since
    /// the last look are closed and stay, the others are claimed.
    /// </summary>
    internal bool TryCollectVictims(Victims victims, ref long page)
    {
        page = Table.FindUsed(page);
        if (page >= PageCount || !victims.TryUse(this))
        {
            page = PageCount;
            return false;
        }

        long end = Math.Min(page - page % Victims.Most + Victims.Most, PageCount);
        if (_section.PagesPerAllocation > 1)
        {
            CollectWhole(victims, page, end);
        }
        else
        {
            CollectSingly(victims, page, end);
        }

        page = end;
        return victims.Count > 0;
    }

    /// <summary>Claims a page to leave memory, unless it is pinned, claimed, or still to be saved.</summary>
    internal bool TryClaimVictim(Victims victims, long page) =>
        page >= 0 && page < PageCount && TryClaimVictim(victims, page, Table[page]);

    internal void AbandonVictim(long page) =>
        End(page, 0, static (entry, _) => entry.AbandonEvict(entry.Granted));

    /// <summary>Closes the windows to claimed pages and then frees their memory.</summary>
    /// <param name="pages">Which.</param>
    /// <param name="slots">Where each was put aside, or <see cref="Victims.NoSlot"/>.</param>
    /// <returns>How many pages of memory the system has back.</returns>
    internal long Evict(ReadOnlySpan<long> pages, ReadOnlySpan<long> slots)
    {
        long freed = 0;
        for (int start = 0; start < pages.Length;)
        {
            int end = start + 1;
            while (end < pages.Length && pages[end] == pages[end - 1] + 1)
            {
                end++;
            }

            freed += EvictRun(pages[start], slots[start..end]);
            start = end;
        }

        return freed;
    }

    internal void CountForced(long pages) => Interlocked.Add(ref _forced, pages);

    private static bool MayLeave(PageEntry entry) =>
        entry.Phase == PagePhase.Present && entry.Pins == 0 && !entry.IsUnsaved;

    private bool TryClaim(Victims victims, long page, PageEntry entry) =>
        MayLeave(entry) && Table.TryMove(page, entry, entry.BeginEvict(victims.Owner));

    /// <summary>
    /// Claims a page as it was found, and holds it still: what its manager saves, nobody writes meanwhile.
    /// </summary>
    private bool TryClaimVictim(Victims victims, long page, PageEntry entry)
    {
        if (!TryClaim(victims, page, entry))
        {
            return false;
        }

        if (entry.Granted == PageAccess.ReadWrite)
        {
            if (!Windows.TryLower(page, 1, PageAccess.Read))
            {
                AbandonVictim(page);
                return false;
            }

            Table.Move(page, 0, static (claimed, _) => claimed.CloseToWriting());
        }

        return true;
    }

    /// <summary>Closes pages that were touched, and claims those that were not.</summary>
    private void CollectSingly(Victims victims, long first, long end)
    {
        long closing = first;                                       // the run of claimed pages that are to be closed
        for (long page = first; page < end; page++)
        {
            PageEntry entry = Table[page];
            if (entry.IsReferenced && TryClaim(victims, page, entry))
            {
                continue;
            }

            CloseRun(closing, page);
            closing = page + 1;
            if (!entry.IsReferenced && TryClaimVictim(victims, page, entry))
            {
                victims.Add(page);
            }
        }

        CloseRun(closing, end);
    }

    /// <summary>Where memory comes and goes in larger pieces, all pages of one leave together or none.</summary>
    private void CollectWhole(Victims victims, long first, long end)
    {
        bool mayLeave = true;
        for (long page = first; page < end; page++)
        {
            PageEntry entry = Table[page];
            mayLeave &= entry.Phase == PagePhase.Absent || (MayLeave(entry) && !entry.IsReferenced);
        }

        if (!mayLeave)
        {
            CollectSingly(victims, first, end);                     // for the second chances that it takes
            victims.Abandon();
            return;
        }

        for (long page = first; page < end; page++)
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Absent)
            {
                continue;
            }

            if (entry.IsReferenced || !TryClaimVictim(victims, page, entry))
            {
                victims.Abandon();
                return;
            }

            victims.Add(page);
        }
    }

    /// <summary>
    /// Takes the second chance of claimed pages away: whoever touches them now shows it by a soft fault.
    /// </summary>
    private void CloseRun(long first, long end)
    {
        if (first == end)
        {
            return;
        }

        // Refused where the system has no mapping left for it: then the pages merely look untouched.
        bool isClosed = Windows.TryLower(first, end - first, PageAccess.None);
        for (long page = first; page < end; page++)
        {
            End(page, isClosed, static (entry, closed) =>
                entry.AbandonEvict(closed ? PageAccess.None : entry.Granted).PassBy());
        }
    }

    private long EvictRun(long first, ReadOnlySpan<long> slots)
    {
        int count = slots.Length;
        if (!Windows.TryLower(first, count, PageAccess.None))
        {
            for (long page = first; page < first + count; page++)
            {
                AbandonVictim(page);
                if (slots[(int)(page - first)] is not Victims.NoSlot and long slot)
                {
                    _resident.Spill.Free((uint)slot);
                }
            }

            return 0;
        }

        int spilled = 0;
        long freed = _section.Discard(first, count);
        for (long page = first; page < first + count; page++)
        {
            long slot = slots[(int)(page - first)];
            End(page, slot, static (entry, to) => to == Victims.NoSlot ? entry.EndEvict() : entry.EndSpill((uint)to));
            spilled += slot == Victims.NoSlot ? 0 : 1;
        }

        if (spilled > 0)
        {
            CountSpilled(spilled);
        }

        Interlocked.Add(ref _residentPages, -count);
        Interlocked.Add(ref _evictions, count);
        GiveBack(freed);
        return freed;
    }
}
