using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>
/// The arguments of one <c>page_discard</c>: the kernel wants pages of memory back, and the manager picks which.
/// </summary>
/// <remarks>
/// A cursor: <see cref="TryNext"/> or <see cref="TryChoose"/> claims some pages of one of the manager's containers, and
/// <see cref="Discard"/> frees them. Pages that are pinned, claimed or part of a snapshot still to be saved are left
/// out. Lives as long as the upcall.
/// </remarks>
public readonly ref struct DiscardRequest
{
    private readonly Victims _victims;

    internal DiscardRequest(Victims victims) => _victims = victims;

    /// <summary>How many pages the kernel still wants.</summary>
    public long Pages => Math.Max(_victims.Wanted - _victims.Freed, 0);

    /// <summary>How many were freed so far.</summary>
    internal long Freed => _victims.Freed;

    /// <summary>The container of the claimed pages, by the manager's own name.</summary>
    public Token Container => _victims.Container;

    /// <summary>How many pages are claimed now.</summary>
    public int Count => _victims.Count;

    /// <summary>
    /// Claims the next pages that nobody touched for longest, by second chance; those claimed before are let go.
    /// </summary>
    /// <returns>False when enough were freed, or nothing may leave.</returns>
    public bool TryNext() => _victims.TryNext();

    /// <summary>Claims those pages of a range that may leave; those claimed before are let go.</summary>
    /// <param name="container">One of the manager's containers.</param>
    /// <param name="first">The first page.</param>
    /// <param name="count">How many, at most 256 of which are claimed.</param>
    /// <returns>False if none of them may leave.</returns>
    public bool TryChoose(Token container, PageNumber first, int count) =>
        _victims.TryChoose(container, (long)first.Value, count);

    /// <summary>A claimed page's number; they ascend.</summary>
    public PageNumber Page(int index) => _victims.Page(index);

    /// <summary>
    /// Whether the open interval wrote the page and the manager does not hold it: it must be saved before it may go.
    /// </summary>
    public bool IsDirty(int index) => _victims.IsDirty(index);

    /// <summary>A claimed page's content.</summary>
    public ReadOnlySpan<byte> Memory(int index) => _victims.Memory(index);

    /// <summary>
    /// The manager holds the page's content for the open interval: it reads it back from now on, and the next cut
    /// adopts it.
    /// </summary>
    public void MarkSaved(int index) => _victims.MarkSaved(index);

    /// <summary>Frees the claimed pages that are clean or were marked as saved; the others stay.</summary>
    /// <returns>How many pages of memory were freed.</returns>
    public long Discard() => _victims.Discard();
}
