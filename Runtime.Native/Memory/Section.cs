namespace Runtime.Native;

/// <summary>
/// The resident pages of one container: sparse memory with a view for the kernel, always readable and writable.
/// </summary>
/// <remarks>
/// Page <c>n</c> of the section is page <c>n</c> of every window onto it. The kernel view is touched only where pages
/// were populated and not discarded since; seeing to that is the caller's part. Thread safe for different pages.
/// </remarks>
public abstract unsafe class Section : IDisposable
{
    /// <summary>Bytes in a page.</summary>
    public const int PageSize = 4096;

    /// <summary>The most a section may hold: 1 TiB.</summary>
    public const long LengthLimit = 1L << 40;

    private protected Section(long maximumLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumLength, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumLength, LengthLimit);
        MaximumLength = Arena.RoundUp(maximumLength);
    }

    /// <summary>Bytes of address space, a multiple of 64 MiB.</summary>
    public long MaximumLength { get; }

    /// <summary>
    /// A page's first byte in the kernel view; populated pages only. Pages follow each other in memory within a chunk
    /// of 1 MiB; on Windows the next chunk is elsewhere.
    /// </summary>
    public abstract byte* PageAddress(long page);

    /// <summary>In what units memory comes and goes: 1 on Linux, a chunk of 256 pages on Windows.</summary>
    public abstract int PagesPerAllocation { get; }

    /// <summary>
    /// Whether windows show memory that is new open for a moment, so that nobody but who waits for it should have it
    /// made: only under Wine (docs/design.md, "Wine shows a chunk before it can be closed").
    /// </summary>
    internal virtual bool ShowsNewMemory => false;

    /// <summary>
    /// How many pages of memory <see cref="TryPopulate"/> would take now for pages that have none; others may take them
    /// meanwhile.
    /// </summary>
    public abstract long CostOf(long page, long pageCount);

    /// <summary>Gives pages memory, zeroed; those that have some already keep their content.</summary>
    /// <param name="page">The first.</param>
    /// <param name="pageCount">How many.</param>
    /// <param name="allocated">
    /// Pages of memory that this call took from the system, however it ended. On Linux every page counts, whether it
    /// had memory before or not: who keeps an account populates only pages that have none. On Windows a chunk counts
    /// whole, for the call that creates it.
    /// </param>
    /// <returns>False if the system has no memory for them; what was allocated until then stays.</returns>
    public abstract bool TryPopulate(long page, long pageCount, out long allocated);

    /// <summary>
    /// Gives the memory of pages back. Every window must be closed to them: what a window still showed would read as
    /// zeroes. On Windows memory returns when the last page of a chunk of 1 MiB goes.
    /// </summary>
    /// <returns>
    /// Pages of memory that the system has back, counted as <see cref="TryPopulate"/> counts them: on Linux all of
    /// them, on Windows whole chunks.
    /// </returns>
    public abstract long Discard(long page, long pageCount);

    /// <summary>Opens a window onto the whole section, closed to every page.</summary>
    /// <param name="name">For messages about its faults.</param>
    /// <param name="handler">Serves its faults; held weakly.</param>
    /// <exception cref="MemoryException">Address space, mappings or regions are used up.</exception>
    public abstract Window OpenWindow(string name, IFaultHandler handler);

    /// <summary>Gives the kernel view and the memory back; windows are closed before.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private protected void ThrowIfOutside(long page, long pageCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(page);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(page, MaximumLength / PageSize - pageCount);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}
