namespace Runtime.Native.Windows;

/// <summary>
/// A part of a chunk as a view of its own, where a window shows parts of several chunks within 1 MiB of its addresses.
/// </summary>
/// <remarks>Its place never changes; whether it shows is guarded by the lock of its section.</remarks>
internal sealed unsafe class Fragment(
    WindowsWindow window, long page, int pageCount, WindowsSection section, long shown)
{
    /// <summary>The window's first page that it covers.</summary>
    internal long Page { get; } = page;

    internal int PageCount { get; } = pageCount;

    internal long End => Page + PageCount;

    internal WindowsSection Section { get; } = section;

    /// <summary>The chunk of the section that it is a part of.</summary>
    internal long Chunk => shown / Windows.Chunk.Pages;

    /// <summary>Whether the chunk is there and mapped here.</summary>
    internal bool IsShown { get; private set; }

    internal byte* Address => window.Address + Page * Runtime.Native.Section.PageSize;

    internal int Length => PageCount * Runtime.Native.Section.PageSize;

    /// <summary>The same of some of its pages; itself if these are all.</summary>
    internal Fragment Part(long first, long end) => first == Page && end == End
        ? this
        : new Fragment(window, first, (int)(end - first), Section, shown + first - Page);

    /// <summary>Maps the part before it is committed, or it may show open.</summary>
    internal bool TryMap(WindowsMemory memory, nint handle)
    {
        long offset = shown % Windows.Chunk.Pages * Runtime.Native.Section.PageSize;
        return IsShown = memory.TryMapPart(handle, offset, Address, Length);
    }

    internal bool TryCommitClosed(WindowsMemory memory) => memory.TryCommitClosed(Address, Length);

    internal void Unmap(WindowsMemory memory)
    {
        if (IsShown)
        {
            IsShown = false;
            memory.UnmapPart(Address, Length);
        }
    }
}
