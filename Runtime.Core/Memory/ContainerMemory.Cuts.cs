using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>What a cut does to pages: those written in the interval are held still, then let go.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>
    /// Claims every page written in the open interval and withdraws write access. The gate is closed: no page is added
    /// any more, and claims for grants made before end by themselves.
    /// </summary>
    internal List<PageNumber> HoldWritten(FaultContext cut)
    {
        var noted = new List<long>();
        Table.CollectWritten(noted);
        var held = new List<PageNumber>(noted.Count);
        foreach (long page in noted)
        {
            if (TryHold(cut, page))
            {
                held.Add(new PageNumber((ulong)page));
            }
        }

        foreach ((long first, long count) in Runs(held))
        {
            Window.TryProtect(first, count, PageAccess.Read);
        }

        return held;
    }

    /// <summary>Ends the claims; saved pages are clean from now on, others stay to be saved by the next cut.</summary>
    internal void Release(List<PageNumber> held, bool areSaved)
    {
        foreach (PageNumber held1 in held)
        {
            long page = (long)held1.Value;
            if (areSaved)
            {
                Table.ForgetWrite(page);
            }

            PageEntry entry;
            do
            {
                entry = Table[page];
            }
            while (!Table.TryMove(page, entry, entry.EndSave()));
            EndGrant(page, PageAccess.Read, isDirty: !areSaved);
        }
    }

    internal long CountWritten()
    {
        var noted = new List<long>();
        Table.CollectWritten(noted);
        return noted.Count(page => Table[page].IsDirty);
    }

    private bool TryHold(FaultContext cut, long page)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.IsClaimed)
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
            else if (entry.Phase == PagePhase.Absent || !entry.IsDirty)
            {
                Table.ForgetWrite(page);                            // noted by a grant that then met the closed gate
                return false;
            }
            else if (Table.TryMove(page, entry, entry.BeginSave(cut.Number)))
            {
                return true;
            }
        }
    }

    private static IEnumerable<(long First, long Count)> Runs(List<PageNumber> pages)
    {
        for (int start = 0; start < pages.Count;)
        {
            int end = start + 1;
            while (end < pages.Count && pages[end].Value == pages[end - 1].Value + 1)
            {
                end++;
            }

            yield return ((long)pages[start].Value, end - start);
            start = end;
        }
    }
}
