using Runtime.Core.Tracing;

namespace Runtime.Core.Managers;

/// <content>Writing dirty pages away while they stay in memory.</content>
public sealed partial class ManagerServices
{
    /// <summary>
    /// <c>LcdBeginWriteback</c>: announces that the manager writes dirty pages of a range away. Each is closed to
    /// writing, so that one which is written from now on is known.
    /// </summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="first">The first page.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="pages">
    /// Those that are announced, ascending: the dirty ones, but for pages under write leases, such as somebody moves
    /// just now, and such as the kernel has put aside. Their content is read by <see cref="LcdRead"/>.
    /// </param>
    /// <returns>
    /// <see cref="Status.Success"/>, to be followed by <see cref="LcdEndWriteback"/> for the same range;
    /// <see cref="Status.Busy"/> if that overlaps one that has not ended, or while the container goes back to a
    /// version; <see cref="Status.NotYourContainer"/>, <see cref="Status.OutOfRange"/>.
    /// </returns>
    public Status LcdBeginWriteback(
        Token container, PageNumber first, int count, out IReadOnlyList<PageNumber> pages)
    {
        pages = [];
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(
            CallNames.LcdBeginWriteback, container, ref outcome, first: first, count: count);
        return outcome.Status = _resident.Find(_manager, container) is not { } memory ? Status.NotYourContainer
            : count < 1 ? Status.OutOfRange
            : memory.BeginWriteback((long)first.Value, count, out pages);
    }

    /// <summary>
    /// <c>LcdEndWriteback</c>: announced pages that nobody has written since, and that no cut has taken, are clean from
    /// now on. The manager holds them: it supplies them at the next fault, and the next cut adopts them. A page that
    /// was written again stays dirty.
    /// </summary>
    /// <remarks>
    /// The content must be where the manager looks for it before this is called. A cut between the two calls has taken
    /// the pages as they were then: what was written away for the interval before is not to replace them.
    /// </remarks>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="first">As it began.</param>
    /// <param name="count">As it began.</param>
    /// <param name="isSaved">False if the pages could not be written away: all of them stay dirty.</param>
    /// <param name="cleaned">How many pages are clean now.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotYourContainer"/>, <see cref="Status.OutOfRange"/> if none has
    /// begun for this range. Waits for no claim on a page.
    /// </returns>
    public Status LcdEndWriteback(Token container, PageNumber first, int count, bool isSaved, out int cleaned)
    {
        cleaned = 0;
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(
            CallNames.LcdEndWriteback, container, ref outcome, first: first, count: count);
        return outcome.Status = _resident.Find(_manager, container) is { } memory
            ? memory.EndWriteback((long)first.Value, count, isSaved, out cleaned)
            : Status.NotYourContainer;
    }

    /// <summary><c>LcdRead</c>: copies a page that is in memory, or put aside by the kernel.</summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="page">Which.</param>
    /// <param name="destination">
    /// <see cref="PageNumber.Size"/> bytes; of a page that is written meanwhile they may be a mixture, unless it is
    /// announced: then writers wait.
    /// </param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotYourFrame"/> if the page is not there,
    /// <see cref="Status.Busy"/> if somebody moves it just now, <see cref="Status.IoError"/> if it was put aside and
    /// cannot be read; <see cref="Status.NotYourContainer"/>, <see cref="Status.OutOfRange"/>.
    /// </returns>
    public Status LcdRead(Token container, PageNumber page, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, PageNumber.Size, nameof(destination));
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.LcdRead, container, ref outcome, first: page);
        return outcome.Status = _resident.Find(_manager, container) is { } memory
            ? memory.ReadPage((long)page.Value, destination)
            : Status.NotYourContainer;
    }
}
