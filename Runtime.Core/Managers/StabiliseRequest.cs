using Runtime.Core.Snapshots;

namespace Runtime.Core.Managers;

/// <summary>
/// The arguments of one <c>container_stabilise_request</c>: the pages of a closed interval that are to be saved.
/// </summary>
/// <remarks>
/// A cursor: <see cref="TryNext"/> holds some pages still, as they were at the cut, and <see cref="MarkSaved"/> says
/// that the manager has them. Writers go on meanwhile; those of a held page wait. Lives as long as the upcall.
/// </remarks>
public readonly ref struct StabiliseRequest
{
    private readonly UnsavedPages _pages;

    internal StabiliseRequest(UnsavedPages pages) => _pages = pages;

    /// <summary>The manager's own name for the container.</summary>
    public Token Container => _pages.Snapshot.Memory.Token;

    /// <summary>What the history will say of the snapshot.</summary>
    public SnapshotInfo Info => _pages.Snapshot.Snapshot.Info;

    /// <summary>The interval to be saved.</summary>
    public StateInterval Interval => Info.Interval;

    /// <summary>
    /// Whether other containers of the manager were cut with this one: it saves the pages only, and
    /// <see cref="Manager.CommitTogether"/> follows when those of all of them are saved.
    /// </summary>
    /// <remarks>Only for a manager that <see cref="Manager.CommitsTogether"/>.</remarks>
    public bool IsJoint => _pages.Snapshot.Joint is not null;

    /// <summary>How many pages are held now.</summary>
    public int Count => _pages.Count;

    /// <summary>
    /// Lets go of the pages held before, which stay unsaved if they were not marked, and holds the next, ascending.
    /// </summary>
    /// <param name="most">How many at most, 1 to 256.</param>
    /// <returns>False when there are no more.</returns>
    public bool TryNext(int most) => _pages.TryNext(most);

    /// <summary>A held page's number.</summary>
    public PageNumber Page(int index) => _pages.Page(index);

    /// <summary>A held page's content at the cut.</summary>
    public ReadOnlySpan<byte> Memory(int index) => _pages.Memory(index);

    /// <summary>The manager has the held pages' contents, and reads them back from now on.</summary>
    public void MarkSaved() => _pages.MarkSaved();
}
