using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>What a cut does to pages: those written in the interval are held still and closed to writing.</summary>
internal sealed partial class ContainerMemory
{
    private const ulong LongestGap = 1024;                          // pages over which a window looks for the next

    /// <summary>
    /// Claims every page written in the open interval and withdraws write access. The gate is closed: no page is added
    /// any more, and claims for grants made before end by themselves.
    /// </summary>
    /// <returns>The pages, ascending; false if the system refused to withdraw access from some of them.</returns>
    internal bool TryHoldWritten(FaultContext cut, List<PageNumber> held)
    {
        var noted = new List<long>();
        Table.CollectWritten(noted);
        foreach (long page in noted)
        {
            if (!IsRoot(page) && TryHold(cut, page))
            {
                held.Add(new PageNumber((ulong)page));
            }
        }

        return TryCloseToWriting(held);
    }

    /// <summary>
    /// Whether there is something to cut. The gate is closed; a grant that passed it before may still be made, and
    /// notes only then that the page is dirty.
    /// </summary>
    internal bool HasChangedBehindGate()
    {
        var noted = new List<long>();
        Table.CollectWritten(noted);
        foreach (long page in noted)
        {
            for (PageEntry entry = Table[page]; entry.Phase == PagePhase.Granting; entry = Table[page])
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
        }

        return HasChanged;
    }

    /// <summary>The interval is closed: its pages are unsaved from now on, and clean in the next one.</summary>
    /// <returns>The pages that the closed interval wrote and its manager has already, ascending.</returns>
    internal List<PageNumber> ReleaseCut(List<PageNumber> held)
    {
        foreach (PageNumber page in held)
        {
            Table.ForgetWrite((long)page.Value);
            End((long)page.Value, 0, static (entry, _) => entry.Cut(AtMostRead(entry.Granted)));
        }

        _isResized = false;
        return ForgetEvicted();
    }

    /// <summary>There is no cut: the pages are written in the interval that goes on.</summary>
    internal void AbandonCut(List<PageNumber> held)
    {
        foreach (PageNumber page in held)
        {
            End((long)page.Value, 0, static (entry, _) => entry.AbandonSave(AtMostRead(entry.Granted)));
        }
    }

    /// <summary>How many pages the open interval has written.</summary>
    internal long CountWritten()
    {
        var noted = new List<long>();
        Table.CollectWritten(noted);
        return noted.Count(page => Table[page] is { IsDirty: true } or { IsEvicted: true } && !IsRoot(page));
    }

    private bool TryHold(FaultContext cut, long page)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.Phase is PagePhase.Granting or PagePhase.Saving or PagePhase.Evicting
                || (entry.Phase == PagePhase.Filling && entry.IsSpilled))
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
            else if (CanBeHeld(entry) && entry.IsDirty)
            {
                if (Table.TryMove(page, entry, entry.BeginSave(cut.Number)))
                {
                    return true;
                }
            }
            else
            {
                // Evicted, or noted by a grant that then met the closed gate; what is being filled was not written.
                if (!entry.IsEvicted)
                {
                    Table.ForgetWrite(page);
                }

                return false;
            }
        }
    }

    /// <summary>The next interval begins with nothing evicted.</summary>
    private List<PageNumber> ForgetEvicted()
    {
        var noted = new List<long>();
        Table.CollectWritten(noted);
        var evicted = new List<PageNumber>();
        foreach (long page in noted)
        {
            Table.ForgetWrite(page);
            if (Table.Move(page, 0, static (entry, _) => entry.ForgetEvicted()).IsEvicted)
            {
                evicted.Add(new PageNumber((ulong)page));
            }
        }

        return evicted;
    }

    /// <summary>
    /// The interval for which the manager took the page came to nothing: it has it for the open one.
    /// </summary>
    private void NoteEvicted(long page)
    {
        Table.NoteWrite(page);
        Table.Move(page, 0, static (entry, _) => entry.NoteEvicted());
    }

    /// <summary>
    /// Withdraws write access from held pages, and from those between them, which nobody may write anyway: in as few
    /// steps as windows can.
    /// </summary>
    private bool TryCloseToWriting(List<PageNumber> held)
    {
        for (int start = 0; start < held.Count;)
        {
            int next = start + 1;
            while (next < held.Count && held[next].Value - held[next - 1].Value <= LongestGap
                && !(held[next - 1].Value < (ulong)_root && (ulong)_root < held[next].Value))
            {
                next++;
            }

            long first = (long)held[start].Value;
            if (!Windows.TryLower(first, (long)held[next - 1].Value - first + 1, PageAccess.Read))
            {
                return false;
            }

            start = next;
        }

        return true;
    }

    private static PageAccess AtMostRead(PageAccess granted) =>
        granted == PageAccess.ReadWrite ? PageAccess.Read : granted;
}
