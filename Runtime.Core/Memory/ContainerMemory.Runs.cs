using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Several pages brought in together, before anybody asks for them.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>
    /// Claims absent pages from <paramref name="first"/> on and gives them memory; null if there are none.
    /// </summary>
    internal RunClaim? TryClaimRun(long first, int count)
    {
        if (!TryEnter())
        {
            return null;
        }

        long end = Math.Min(PageNumber.CountFor(Length), first - first % Victims.Most + Victims.Most);
        if (first < 0 || first >= end || _isRestoring || Table[first].Phase != PagePhase.Absent)
        {
            Leave();
            return null;
        }

        var claim = new RunClaim(this, first);
        int most = (int)Math.Min(count, end - first);
        while (claim.Count < most && !IsLost(first + claim.Count) && TryClaimAbsent(claim.Owner, first + claim.Count))
        {
            claim.Count++;
        }

        if (claim.Count > 0 && TryPayRun(claim))
        {
            return claim;
        }

        claim.Dispose();
        return null;
    }

    /// <summary>Opens the window for reading to pages that are complete, before anybody asked for them.</summary>
    internal void InstallRun(long first, int count)
    {
        Interlocked.Add(ref _prefetched, count);
        OpenRun(first, count);
    }

    private void OpenRun(long first, int count)
    {
        if (count == 0)
        {
            return;
        }

        for (long page = first; page < first + count; page++)
        {
            CompleteFill(page);
        }

        PageAccess granted = Windows.OpenInMain(first, count);
        for (long page = first; page < first + count; page++)
        {
            EndGrant(page, granted, isDirty: false);
        }
    }

    internal void AbandonRun(long first, int count)
    {
        if (count > 0)
        {
            GiveBack(_section.Discard(first, count));
        }

        UnclaimRun(first, count);
    }

    private bool TryClaimAbsent(int owner, long page)
    {
        PageEntry entry = Table[page];
        return entry.Phase == PagePhase.Absent
            && !entry.IsSpilled                                     // its manager does not have it
            && Table.TryMove(page, entry, entry.BeginFill(owner));
    }

    /// <summary>Makes room for the run and gives it memory; a run that gets none has no pages afterwards.</summary>
    private bool TryPayRun(RunClaim claim)
    {
        long cost = _section.CostOf(claim.First, claim.Count);
        bool isAllowed = cost == 0 || !_section.ShowsNewMemory;
        bool isPaid = isAllowed
            && _resident.Take(cost, Manager, Environment.TickCount64 + DeadlineMs) == Status.Success;
        if (isPaid && TryPopulate(claim.First, claim.Count, cost))
        {
            return true;
        }

        UnclaimRun(claim.First, claim.Count);
        claim.Count = 0;
        return false;
    }

    private void UnclaimRun(long first, int count)
    {
        for (long page = first; page < first + count; page++)
        {
            End(page, 0, static (entry, _) => entry.AbandonFill());
        }
    }
}
