using System.Collections.Immutable;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Where one container's pages are seen: in its windows, and in those of containers that map it.</summary>
/// <remarks>
/// Thread safe. What a page's entry calls granted is the most that any pane allows: raising is for the one that
/// was touched, lowering for all. A pane comes with no grants but those of the one it takes the place of, and gets each
/// under a claim on the page's entry, so whoever holds the claim and lowers finds it here.
/// </remarks>
internal sealed class WindowSet
{
    private readonly ContainerMemory _memory;
    private readonly Section _section;
    private ImmutableArray<PanedWindow> _all = [];
    private ImmutableArray<Pane> _panes = [];
    private volatile bool _hasHadOthers;

    /// <exception cref="MemoryException">There are no addresses or mappings left.</exception>
    internal WindowSet(ContainerMemory memory, Section section)
    {
        _memory = memory;
        _section = section;
        Main = Open();
    }

    /// <summary>The first one, which is there until the container is closed.</summary>
    internal PanedWindow Main { get; }

    internal ImmutableArray<PanedWindow> All => _all;

    /// <summary>The panes that show any of its pages, also in windows of others.</summary>
    internal ImmutableArray<Pane> Panes => _panes;

    /// <summary>
    /// Whether what an entry calls granted is what the main window allows: there has been no other pane so far.
    /// </summary>
    internal bool IsSingle => !_hasHadOthers;

    /// <summary>Opens a window that shows no mappings yet.</summary>
    /// <exception cref="MemoryException">There are no addresses or mappings left.</exception>
    internal PanedWindow Open()
    {
        var window = new PanedWindow(_memory, _section);
        _hasHadOthers = _all.Length > 0;
        ImmutableInterlocked.Update(ref _all, static (all, added) => all.Add(added), window);
        ImmutableInterlocked.Update(ref _panes, static (all, added) => all.AddRange(added), window.Panes);
        return window;
    }

    /// <summary>Forgets a window that was closed.</summary>
    internal void Remove(PanedWindow window) =>
        ImmutableInterlocked.Update(ref _all, static (all, closed) => all.Remove(closed), window);

    /// <summary>Some panes take the place of others, in one step; those of other containers do not count.</summary>
    internal void Replace(IReadOnlyList<Pane> gone, IReadOnlyList<Pane> come)
    {
        _hasHadOthers = true;
        ImmutableArray<Pane> own = [.. come.Where(pane => pane.Owner == _memory)];
        ImmutableInterlocked.Update(
            ref _panes, static (all, change) => all.RemoveRange(change.gone).AddRange(change.own), (gone, own));
    }

    /// <summary>The pane of the main window through which a page is seen; null if another is mapped over it.</summary>
    internal Pane? FindInMain(long page)
    {
        Pane pane = Main.Find(page);
        return pane.Owner == _memory && pane.ToOwner(page) == page ? pane : null;
    }

    /// <summary>Opens the main window to claimed pages, for reading.</summary>
    /// <returns>What the entries are to call granted.</returns>
    internal PageAccess OpenInMain(long page, long pageCount)
    {
        bool isOpen = true;
        foreach (Pane pane in _panes)
        {
            long first = Math.Max(page, pane.Stretch.Page);
            long end = Math.Min(page + pageCount, pane.Stretch.Page + pane.Stretch.Count);
            if (pane.Window == Main && first < end)
            {
                isOpen &= pane.TryProtect(first, end - first, PageAccess.Read);
            }
        }

        return isOpen || !IsSingle ? PageAccess.Read : PageAccess.None;
    }

    /// <summary>Lowers the grants of claimed pages to at most this, wherever they are seen.</summary>
    /// <returns>False if the system refuses; some may be lowered already then.</returns>
    internal bool TryLower(long page, long pageCount, PageAccess access)
    {
        while (true)
        {
            Pane? closing = null;
            foreach (Pane pane in _panes)
            {
                if (!pane.TryLower(page, pageCount, access, out bool isClosed))
                {
                    return false;
                }

                closing = isClosed ? pane : closing;
            }

            if (closing is null)
            {
                return true;
            }

            closing.WaitWhileClosing();                             // another may have taken over its grants
        }
    }
}
