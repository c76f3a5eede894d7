namespace Runtime.Native.Windows;

/// <summary>1 MiB of a section: a page-file section of its own, committed and returned as a whole.</summary>
internal unsafe struct Chunk
{
    internal const int Size = 1 << 20;
    internal const int Pages = Size / Section.PageSize;

    /// <summary>The kernel view; null while the chunk is absent.</summary>
    internal byte* View;

    /// <summary>The page-file section, kept open for windows to come.</summary>
    internal nint Handle;

    /// <summary>Pages that have memory as far as the section's user is concerned.</summary>
    internal PageBits Populated;

    /// <summary>Pages that had it at any time: no longer zero, unlike the others.</summary>
    internal PageBits Used;
}
