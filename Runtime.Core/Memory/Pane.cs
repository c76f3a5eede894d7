using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>A stretch of a window, through which pages of one container are seen.</summary>
/// <remarks>
/// Thread safe. Whoever changes grants is inside meanwhile. When the window is to show something else there, the pane
/// is closed, and when nobody is inside any more its grants are lowered, or taken over by another; then it has ended.
/// Only if the window could not be changed it is opened again. Pages are those of the container.
/// </remarks>
internal sealed class Pane(PanedWindow window, Stretch stretch)
{
    private readonly InFlight _changes = new();
    private volatile bool _hasEnded;

    internal PanedWindow Window => window;

    internal Stretch Stretch => stretch;

    internal ContainerMemory Owner => stretch.Owner;

    internal bool IsReadOnly => stretch.IsReadOnly;

    internal bool IsClosed => _changes.IsClosed;

    internal bool Contains(long page) => page >= stretch.Page && page - stretch.Page < stretch.Count;

    /// <summary>The container's page that a page of the window shows.</summary>
    internal long ToOwner(long windowPage) => windowPage - stretch.WindowPage + stretch.Page;

    /// <summary>How many pages it shows from a page of the window on.</summary>
    internal long CountFrom(long windowPage) => stretch.WindowPage + stretch.Count - windowPage;

    /// <summary>Grants access to pages of it, but never more than it allows.</summary>
    /// <returns>False if it is closed, or the window refuses; no page is granted more than before then.</returns>
    internal bool TryProtect(long page, long pageCount, PageAccess access)
    {
        if (!_changes.TryEnter())
        {
            return false;
        }

        try
        {
            PageAccess granted = IsReadOnly && access == PageAccess.ReadWrite ? PageAccess.Read : access;
            return window.Window.TryProtect(ToWindow(page), pageCount, granted);
        }
        finally
        {
            _changes.Leave();
        }
    }

    /// <summary>Lowers the grants of those of the pages that it shows.</summary>
    /// <param name="page">The first.</param>
    /// <param name="pageCount">How many.</param>
    /// <param name="access">What is left at most.</param>
    /// <param name="isClosed">Whether nothing was done, because it is closed.</param>
    /// <returns>False if the system refuses; some may be lowered already then.</returns>
    internal bool TryLower(long page, long pageCount, PageAccess access, out bool isClosed)
    {
        isClosed = false;
        long first = Math.Max(page, stretch.Page);
        long end = Math.Min(page + pageCount, stretch.Page + stretch.Count);
        if (first >= end)
        {
            return true;
        }

        if (!_changes.TryEnter())
        {
            isClosed = true;
            return true;
        }

        try
        {
            return window.Window.TryLower(ToWindow(first), end - first, access);
        }
        finally
        {
            _changes.Leave();
        }
    }

    /// <summary>Lowers the grant of a page if that saves a mapping.</summary>
    /// <param name="page">The page.</param>
    /// <param name="left">What is granted now.</param>
    /// <returns>False if it is closed.</returns>
    internal bool TryWithdraw(long page, out PageAccess left)
    {
        left = PageAccess.None;
        if (!_changes.TryEnter())
        {
            return false;
        }

        try
        {
            left = window.Window.Withdraw(ToWindow(page));
            return true;
        }
        finally
        {
            _changes.Leave();
        }
    }

    /// <summary>Lets no more changes of grants begin, and waits for those under way: a call of the system.</summary>
    internal void Close()
    {
        _changes.TryClose();
        _changes.WaitUntilEmpty(int.MaxValue);
    }

    internal void Reopen() => _changes.Reopen();

    /// <summary>Nothing is granted by it any more; what is seen in its place is known.</summary>
    internal void End() => _hasEnded = true;

    /// <summary>Waits until it has ended, or was opened again.</summary>
    internal void WaitWhileClosing()
    {
        var wait = default(SpinWait);
        while (IsClosed && !_hasEnded)
        {
            wait.SpinOnce();
        }
    }

    private long ToWindow(long page) => page - stretch.Page + stretch.WindowPage;
}
