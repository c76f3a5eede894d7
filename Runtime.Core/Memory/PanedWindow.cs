using System.Collections.Immutable;
using Runtime.Core.Containers;
using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>A window onto a container, and what it shows where: the container's pages, or those mapped there.</summary>
/// <remarks>
/// Thread safe; only <see cref="MappingGraph"/> changes what is shown, one change at a time. Its panes cover it, so
/// that every touch has an owner, however deep mappings lie in each other.
/// </remarks>
internal sealed class PanedWindow
{
    private volatile Pane[] _panes;                                 // ascending, without gaps

    internal PanedWindow(ContainerMemory host, Section section)
    {
        Host = host;
        var router = new FaultRouter(this);
        Window = section.OpenWindow(host.Name, router);
        _panes = [new Pane(this, Whole)];
    }

    /// <summary>The container whose window it is.</summary>
    internal ContainerMemory Host { get; }

    internal Window Window { get; }

    /// <summary>The mappings that are seen through this window only; changed by <see cref="MappingGraph"/>.</summary>
    internal ImmutableArray<ContainerMapping> Mappings { get; set; } = [];

    internal IReadOnlyList<Pane> Panes => _panes;

    /// <summary>What it shows without mappings.</summary>
    internal Stretch Whole => new(0, Window.Length / PageNumber.Size, Host, 0, IsReadOnly: false);

    /// <summary>The pane that a page of the window is in.</summary>
    internal Pane Find(long page)
    {
        Pane[] panes = _panes;
        return panes[panes.Length == 1 ? 0 : IndexOf(panes, page)];
    }

    /// <summary>What pages of the window show, pane by pane.</summary>
    internal List<LeasePart> PartsOf(long page, long count)
    {
        Pane[] panes = _panes;
        var parts = new List<LeasePart>();
        for (int index = IndexOf(panes, page); count > 0; index++)
        {
            Stretch stretch = panes[index].Stretch;
            long inPane = Math.Min(count, stretch.WindowPage + stretch.Count - page);
            parts.Add(new LeasePart(panes[index], panes[index].ToOwner(page), inPane));
            page += inPane;
            count -= inPane;
        }

        return parts;
    }

    internal bool Shows(IReadOnlyList<Stretch> stretches) =>
        _panes.Select(pane => pane.Stretch).SequenceEqual(stretches);

    /// <summary>Shows something else from here on; no lease is out in the window.</summary>
    /// <exception cref="MemoryException">The system refuses: it shows what it showed, or is closed.</exception>
    internal void Show(IReadOnlyList<Stretch> stretches)
    {
        Pane[] before = _panes;
        Dictionary<Stretch, Pane> known = before.ToDictionary(pane => pane.Stretch);
        Pane[] after = [.. stretches.Select(stretch => known.GetValueOrDefault(stretch) ?? new Pane(this, stretch))];
        Pane[] gone = [.. before.Except(after)];
        Pane[] come = [.. after.Except(before)];
        Window.CountStretches(Math.Max(after.Length - before.Length, 0));
        foreach (Pane pane in gone)
        {
            pane.Close();
        }

        try
        {
            ShowWhatDiffers(gone, come);
        }
        catch
        {
            ShowAgain(gone, come);
            Window.CountStretches(Math.Min(before.Length - after.Length, 0));
            throw;
        }

        // First owners know where their pages are seen from now on, then faults find the way there.
        foreach (ContainerMemory owner in gone.Concat(come).Select(pane => pane.Owner).Distinct())
        {
            owner.Windows.Replace(gone, come);
        }

        _panes = after;
        foreach (Pane pane in gone)
        {
            pane.End();
        }

        Window.CountStretches(Math.Min(after.Length - before.Length, 0));
    }

    private static int IndexOf(Pane[] panes, long page)
    {
        int low = 0;
        for (int high = panes.Length - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = panes[middle].Stretch.WindowPage <= page ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Parts that both show keep their grants.</summary>
    private void ShowWhatDiffers(Pane[] before, Pane[] after)
    {
        foreach (Pane pane in after)
        {
            long page = pane.Stretch.WindowPage;
            long end = page + pane.Stretch.Count;
            foreach (Pane same in before.Where(other => other.Stretch.Agrees(pane.Stretch)))
            {
                long first = Math.Max(page, same.Stretch.WindowPage);
                long next = Math.Min(end, same.Stretch.WindowPage + same.Stretch.Count);
                if (first < next)
                {
                    ShowOf(pane, page, first);
                    page = next;
                }
            }

            ShowOf(pane, page, end);
        }
    }

    private void ShowOf(Pane pane, long page, long end)
    {
        if (page < end && pane.Owner.IsClosed)
        {
            Window.Hide(page, end - page);
        }
        else if (page < end)
        {
            Window.Show(page, end - page, pane.Owner.Section, pane.ToOwner(page));
        }
    }

    private void ShowAgain(Pane[] before, Pane[] failed)
    {
        try
        {
            ShowWhatDiffers(failed, before);
        }
        catch (MemoryException)
        {
            Window.Dispose();                                       // nothing there is what it should be
        }

        foreach (Pane pane in before)
        {
            pane.Reopen();
        }
    }
}
