namespace Runtime.Core.Memory;

/// <summary>What a lease holds, of the window's own container and of those that are mapped in its range.</summary>
/// <remarks>Mostly one part, for which nothing is allocated.</remarks>
internal readonly struct LeaseParts
{
    private readonly ContainerMemory _host;
    private readonly LeasePart _first;
    private readonly List<LeasePart>? _all;

    private LeaseParts(ContainerMemory host, LeasePart first, List<LeasePart>? all) =>
        (_host, _first, _all) = (host, first, all);

    internal int Count => _all?.Count ?? 1;

    internal LeasePart this[int index] => _all is null ? _first : _all[index];

    /// <summary>Of pages of a window; they stay so while a lease is counted at the window's container.</summary>
    internal static LeaseParts Of(PanedWindow window, long page, long count)
    {
        Pane pane = window.Find(page);
        var first = new LeasePart(pane, pane.ToOwner(page), count);
        return pane.Contains(first.Page + count - 1)
            ? new LeaseParts(window.Host, first, null)
            : new LeaseParts(window.Host, first, window.PartsOf(page, count));
    }

    /// <summary>Counts the lease at the containers that are mapped in, at all of them or at none.</summary>
    /// <returns>Null, or one that lets no lease begin now: nobody waits for it who is counted elsewhere.</returns>
    internal ContainerMemory? Enter()
    {
        for (int i = 0; i < Count; i++)
        {
            ContainerMemory owner = this[i].Owner;
            if (owner != _host && !owner.Leases.TryEnter())
            {
                Leave(i);
                return owner;
            }
        }

        return null;
    }

    internal void Leave() => Leave(Count);

    /// <summary>Pins all parts, or none.</summary>
    /// <param name="access">For what.</param>
    /// <param name="holdsAnother">Whether a cut may be waiting for the caller.</param>
    /// <param name="deadlineMs">When it fails.</param>
    /// <param name="failed">The part that could not be had.</param>
    internal Status Hold(Access access, bool holdsAnother, long deadlineMs, out LeasePart failed)
    {
        failed = default;
        for (int i = 0; i < Count; i++)
        {
            Status status = Status.ManagerFailed;
            try
            {
                status = this[i].Hold(access, holdsAnother || i > 0, deadlineMs);
            }
            finally
            {
                if (status != Status.Success)
                {
                    Release(access, i);
                }
            }

            if (status != Status.Success)
            {
                failed = this[i];
                return status;
            }
        }

        return Status.Success;
    }

    internal void Release(Access access) => Release(access, Count);

    /// <summary>Whether all pages could be pinned without waiting for anything.</summary>
    internal bool IsGranted(Access access)
    {
        for (int i = 0; i < Count; i++)
        {
            LeasePart part = this[i];
            if (part.Owner.Gate.IsCutting || !part.Owner.IsGranted(part.Page, part.Count, access))
            {
                return false;
            }
        }

        return true;
    }

    private void Leave(int entered)
    {
        for (int i = 0; i < entered; i++)
        {
            if (this[i].Owner != _host)
            {
                this[i].Owner.Leases.Leave();
            }
        }
    }

    private void Release(Access access, int held)
    {
        for (int i = 0; i < held; i++)
        {
            this[i].Release(access);
        }
    }
}
