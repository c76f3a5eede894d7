namespace Runtime.Native;

/// <summary>
/// A window whose grants split its mapping: it asks the budget before they do, and withdraws grants to save mappings.
/// </summary>
internal abstract class SplittingWindow(string name, IFaultHandler handler, long length)
    : Window(name, handler, length)
{
    // Pages to be lowered go in one call with those between them that have just what is left to them: the system passes
    // over them by the mapping, so that up to so many cost less than a call.
    private const int LongestGap = 1024;

    // Guarded by Sync, as is the order of the calls. Made before the window can be found by its region.
    private readonly GrantMap _grants = new(length / Section.PageSize);

    private protected enum ProtectResult
    {
        Done,
        NoMapping,
        Failed,
    }

    [Flags]
    private enum Runs
    {
        None = 0,
        Granted = 1,
        Left = 2,
        Right = 4,
    }

    /// <summary>
    /// Lowers the grant of a page to that of a neighbour that has less, or else to nothing, unless that would make
    /// mappings more: so a page goes that stands alone, and one open for writing among pages open for reading is closed
    /// to writing only.
    /// </summary>
    internal sealed override PageAccess Withdraw(long page)
    {
        lock (Sync)
        {
            PageAccess granted = _grants[page];
            if (IsClosed || granted == PageAccess.None)
            {
                return PageAccess.None;
            }

            PageAccess left = page > 0 ? _grants[page - 1] : PageAccess.None;
            PageAccess right = page < PageCount - 1 ? _grants[page + 1] : PageAccess.None;
            var lower = (PageAccess)Math.Max(left < granted ? (int)left : 0, right < granted ? (int)right : 0);
            int change = _grants.BoundariesAfter(page, 1, lower) - _grants.Boundaries(page, 1);
            if (change > 0 || Protect(page, 1, lower) != ProtectResult.Done)
            {
                return granted;
            }

            MappingBudget.Give(-change);
            _grants.Set(page, 1, lower);
            return lower;
        }
    }

    /// <summary>
    /// Finds the end of the run of pages around a page that are granted at least as much: where lowering them one after
    /// the other begins to save a mapping.
    /// </summary>
    /// <returns>False if nothing is granted on the page. The step is 0 if no end is within reach.</returns>
    internal bool TryFindEndOfRun(long page, int reach, out long end, out int step)
    {
        lock (Sync)
        {
            end = page;
            step = 0;
            if (IsClosed || page >= PageCount || _grants[page] is not (var least and not PageAccess.None))
            {
                return false;
            }

            long low = Math.Max(page - reach, 0);
            while (end > low && _grants[end - 1] >= least)
            {
                end--;
            }

            if (end > low || low == 0)
            {
                step = 1;
                return true;
            }

            long high = Math.Min(page + reach, PageCount - 1);
            end = page;
            while (end < high && _grants[end + 1] >= least)
            {
                end++;
            }

            step = end < high || high == PageCount - 1 ? -1 : 0;
            return true;
        }
    }

    /// <summary>Finds the first of the pages around one that are granted the same.</summary>
    /// <returns>False if nothing is granted on the page.</returns>
    internal bool TryFindStartOfRun(long page, out long start)
    {
        lock (Sync)
        {
            bool isGranted = !IsClosed && page < PageCount && _grants[page] != PageAccess.None;
            start = isGranted ? _grants.StartOfRun(page) : 0;
            return isGranted;
        }
    }

    private protected sealed override bool TryProtectPages(long page, long pageCount, PageAccess access)
    {
        // A second attempt after each withdrawal that made room; the first one nearly always succeeds.
        while (true)
        {
            switch (TryProtectOnce(page, pageCount, access, out Runs isNew))
            {
                case ProtectResult.Done:
                    Remember(page, pageCount, isNew);
                    return true;
                case ProtectResult.NoMapping when MappingBudget.TryReclaim():
                    continue;
                default:
                    return false;
            }
        }
    }

    private protected sealed override bool TryLowerPages(long page, long pageCount, PageAccess access)
    {
        for (long end = page + pageCount; page < end;)
        {
            switch (LowerNext(page, end, access, out long next))
            {
                case ProtectResult.Done:
                    page = next;
                    break;
                case ProtectResult.NoMapping when MappingBudget.TryReclaim():
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private protected sealed override void MakeInaccessible()
    {
        ReplaceByReserved();
        MappingBudget.Give(_grants.AllBoundaries());
    }

    private protected sealed override void FreeGrants() => _grants.Free();

    /// <summary>What is granted on a page; for <see cref="Protect"/>, under its lock.</summary>
    private protected PageAccess Granted(long page) => _grants[page];

    /// <summary>Sets the protection of pages; changes nothing if it does not succeed.</summary>
    private protected abstract ProtectResult Protect(long page, long pageCount, PageAccess access);

    /// <summary>Replaces the whole range by reserved addresses.</summary>
    private protected abstract void ReplaceByReserved();

    private ProtectResult TryProtectOnce(long page, long pageCount, PageAccess access, out Runs isNew)
    {
        isNew = Runs.None;
        lock (Sync)
        {
            if (IsClosed)
            {
                return ProtectResult.Done;
            }

            // What is granted must be noted, so what cannot be noted is not granted.
            if (access != PageAccess.None && !_grants.TryReserve(page, pageCount))
            {
                RefusedCall.Note("there is no native memory for the notes of what is granted");
                return ProtectResult.Failed;
            }

            int change = _grants.BoundariesAfter(page, pageCount, access) - _grants.Boundaries(page, pageCount);
            if (change > 0 && !MappingBudget.TryTake(change))
            {
                RefusedCall.Note("the process has no mappings left");
                return ProtectResult.NoMapping;
            }

            ProtectResult result = Protect(page, pageCount, access);
            if (result != ProtectResult.Done)
            {
                MappingBudget.Give(Math.Max(change, 0));
                return result;
            }

            MappingBudget.Give(Math.Max(-change, 0));
            _grants.Set(page, pageCount, access);
            isNew = change > 0 && access != PageAccess.None ? Runs.Granted : Runs.None;
            if (access == PageAccess.None)
            {
                isNew |= page > 0 && _grants[page - 1] != PageAccess.None ? Runs.Left : Runs.None;
                isNew |= page + pageCount < PageCount && _grants[page + pageCount] != PageAccess.None
                    ? Runs.Right
                    : Runs.None;
            }

            return result;
        }
    }

    /// <summary>Lowers the first pages that are granted more; the next ones may begin behind them.</summary>
    /// <remarks>Found and lowered under one lock: a page between them may lose its grant at any other time.</remarks>
    private ProtectResult LowerNext(long page, long end, PageAccess access, out long next)
    {
        Runs isNew = Runs.None;
        lock (Sync)
        {
            page = IsClosed ? end : _grants.NextAbove(page, end, access);
            next = page < end ? EndToLower(page, end, access) : end;
            ProtectResult result = page < end
                ? TryProtectOnce(page, next - page, access, out isNew)
                : ProtectResult.Done;
            if (result != ProtectResult.Done)
            {
                return result;
            }
        }

        Remember(page, next - page, isNew);
        return ProtectResult.Done;
    }

    /// <summary>Behind the last page of those that can be lowered together with the first.</summary>
    private long EndToLower(long first, long end, PageAccess access)
    {
        long next = first + 1;
        while (next < end)
        {
            long reach = Math.Min(end, next + LongestGap);
            long above = _grants.NextAbove(next, reach, access);
            if (above == reach || _grants.NextBelow(next, above, access) < above)
            {
                break;
            }

            next = above + 1;
        }

        return next;
    }

    /// <summary>Each run that costs a mapping is known to the budget by one of its pages at least.</summary>
    private void Remember(long page, long pageCount, Runs isNew)
    {
        if (isNew == Runs.None)
        {
            return;
        }

        if ((isNew & Runs.Granted) != 0)
        {
            MappingBudget.Remember(Region, page);
        }

        if ((isNew & Runs.Left) != 0)
        {
            MappingBudget.Remember(Region, page - 1);
        }

        if ((isNew & Runs.Right) != 0)
        {
            MappingBudget.Remember(Region, page + pageCount);
        }
    }
}
