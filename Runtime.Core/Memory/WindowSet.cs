using System.Collections.Immutable;
using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>The windows through which one container's pages are seen.</summary>
/// <remarks>
/// Thread safe. What a page's entry calls granted is the most that any window allows: raising is for the window that
/// was touched, lowering for all. A window comes with no grants, and gets each under a claim on the page's entry, so
/// whoever holds the claim and lowers finds it here.
/// </remarks>
internal sealed class WindowSet
{
    private readonly ContainerMemory _memory;
    private readonly Section _section;
    private ImmutableArray<Window> _all = [];
    private volatile bool _hasHadOthers;

    /// <exception cref="MemoryException">There are no addresses or mappings left.</exception>
    internal WindowSet(ContainerMemory memory, Section section)
    {
        _memory = memory;
        _section = section;
        Main = Open();
    }

    /// <summary>The first one, which is there until the container is closed.</summary>
    internal Window Main { get; }

    /// <summary>
    /// Whether what an entry calls granted is what the main window allows: there has been no other so far.
    /// </summary>
    internal bool IsSingle => !_hasHadOthers;

    /// <exception cref="MemoryException">There are no addresses or mappings left.</exception>
    internal Window Open()
    {
        var router = new FaultRouter(_memory);
        Window window = _section.OpenWindow(_memory.Name, router);
        router.Window = window;
        _hasHadOthers = _all.Length > 0;
        ImmutableInterlocked.Update(ref _all, static (all, added) => all.Add(added), window);
        return window;
    }

    /// <summary>Closes one that nobody has leases in.</summary>
    internal void Close(Window window)
    {
        window.Dispose();
        ImmutableInterlocked.Update(ref _all, static (all, closed) => all.Remove(closed), window);
    }

    /// <summary>Lowers the grants of claimed pages to at most this, in every window.</summary>
    /// <returns>False if the system refuses; some may be lowered already then.</returns>
    internal bool TryLower(long page, long pageCount, PageAccess access)
    {
        foreach (Window window in _all)
        {
            if (!window.TryLower(page, pageCount, access))
            {
                return false;
            }
        }

        return true;
    }

    internal void CloseAll()
    {
        foreach (Window window in _all)
        {
            window.Dispose();
        }
    }
}
