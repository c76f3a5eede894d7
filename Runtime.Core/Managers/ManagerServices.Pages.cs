using Runtime.Core.Memory;
using Runtime.Core.Tracing;

namespace Runtime.Core.Managers;

/// <content>
/// Page sets, and local container descriptors: which pages of a container are in memory, and what windows allow.
/// </content>
public sealed partial class ManagerServices
{
    /// <summary><c>PageSetCreate</c>: makes an empty set of credits for pages.</summary>
    /// <param name="limit">How many it holds at most, at least 1.</param>
    public PageSet PageSetCreate(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var outcome = new TraceOutcome { Status = Status.Success };
        using TraceScope traced = Trace(_manager, CallNames.PageSetCreate, limit, ref outcome);
        var set = new PageSet(_resident, _manager, limit);
        _resident.Add(set);
        return set;
    }

    /// <summary>
    /// <c>LcdInstall</c>: brings absent pages in, all or none, and opens the container's window to them. During a
    /// <see cref="Manager.ContainerFault"/> the page that it asks for may be among them; that one costs no credit, and
    /// is installed when the upcall returns.
    /// </summary>
    /// <param name="credits">A set of this manager; one credit a page is spent.</param>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="first">The first page.</param>
    /// <param name="source">Their content: whole pages, 1 to 256.</param>
    /// <param name="access">
    /// <see cref="Access.Read"/>. To write is granted by a write fault only, which is how a snapshot knows of it.
    /// </param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotYourContainer"/>, <see cref="Status.NotYourFrame"/> if the
    /// set is another manager's or has too few credits, <see cref="Status.AlreadyInstalled"/> if a page is in memory or
    /// on its way, <see cref="Status.NotAligned"/> for a part of a page, <see cref="Status.OutOfRange"/> beyond the end
    /// or for more than 256, <see cref="Status.NotSupported"/> for another access, <see cref="Status.Busy"/> while the
    /// container goes back to a version, <see cref="Status.NoResources"/> if the system has no memory.
    /// </returns>
    public Status LcdInstall(
        PageSet credits, Token container, PageNumber first, ReadOnlySpan<byte> source, Access access = Access.Read)
    {
        ArgumentNullException.ThrowIfNull(credits);
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(
            CallNames.LcdInstall,
            container,
            ref outcome,
            first: first,
            count: PageNumber.CountFor(source.Length),
            access: access);
        return outcome.Status = _resident.Find(_manager, container) is not { } memory ? Status.NotYourContainer
            : credits.Manager != _manager ? Status.NotYourFrame
            : access != Access.Read ? Status.NotSupported
            : source.Length % PageNumber.Size != 0 ? Status.NotAligned
            : source.Length / PageNumber.Size is < 1 or > Victims.Most ? Status.OutOfRange
            : memory.Install(credits, (long)first.Value, source);
    }

    /// <summary>
    /// <c>LcdRemove</c>: takes a page out of memory. What the open interval has written in it the manager holds from
    /// then on: it supplies it at the next fault, and the next cut adopts it.
    /// </summary>
    /// <remarks>
    /// The page may be asked for before this returns: until the content is where the manager looks for it, its faults
    /// have to wait, by a lock of its own. This call waits for none.
    /// </remarks>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="page">Which; one that is not in memory is no failure.</param>
    /// <param name="content">
    /// Receives the content of a dirty page: <see cref="PageNumber.Size"/> bytes, or empty to have dirty pages refused.
    /// </param>
    /// <param name="isDirty">Whether it was dirty.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotYourContainer"/>, <see cref="Status.OutOfRange"/>;
    /// <see cref="Status.Busy"/> if it is leased, claimed, still to be saved, or dirty without room for its content.
    /// </returns>
    public Status LcdRemove(Token container, PageNumber page, Span<byte> content, out bool isDirty)
    {
        isDirty = false;
        if (content.Length is not (0 or PageNumber.Size))
        {
            throw new ArgumentException($"room for {PageNumber.Size} bytes is needed, or none", nameof(content));
        }

        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.LcdRemove, container, ref outcome, first: page);
        return outcome.Status = _resident.Find(_manager, container) is { } memory
            ? memory.Remove((long)page.Value, content, out isDirty)
            : Status.NotYourContainer;
    }

    /// <summary><c>LcdProtect</c>: takes access to a page away; the next touch is a fault.</summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="page">Which; one that is not in memory is no failure.</param>
    /// <param name="access"><see cref="Access.Read"/> leaves that, null nothing.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotYourContainer"/>, <see cref="Status.OutOfRange"/>,
    /// <see cref="Status.PermissionDenied"/> for any other access: only a fault grants;
    /// <see cref="Status.Busy"/> if the page is leased or claimed, <see cref="Status.NoResources"/> if the system
    /// refuses.
    /// </returns>
    public Status LcdProtect(Token container, PageNumber page, Access? access)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.LcdProtect, container, ref outcome, first: page, access: access);
        return outcome.Status = _resident.Find(_manager, container) is not { } memory ? Status.NotYourContainer
            : access is not (null or Access.Read) ? Status.PermissionDenied
            : memory.Protect((long)page.Value, mayRead: access == Access.Read);
    }

    /// <summary><c>LcdScanDirty</c>: the pages that were written after an interval, as far as memory knows.</summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="since">
    /// A closed interval, or 0. Of closed intervals memory knows those that are not saved yet.
    /// </param>
    /// <param name="pages">Ascending; a page may be written again as soon as this returns.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotYourContainer"/>, <see cref="Status.NoSuchInterval"/> if it
    /// is not closed yet.
    /// </returns>
    public Status LcdScanDirty(Token container, StateInterval since, out IReadOnlyList<PageNumber> pages)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.LcdScanDirty, container, ref outcome, since);
        pages = [];
        outcome.Status = _resident.Find(_manager, container) is { } memory
            ? memory.ScanDirty(since, out pages)
            : Status.NotYourContainer;
        outcome.Result = pages.Count;
        return outcome.Status;
    }
}
