using System.Runtime.InteropServices;
using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Native.Windows;

/// <summary>
/// The addresses of windows: held while nothing is there, given to views of chunks, and held again after them.
/// </summary>
/// <remarks>Thread safe for different windows; within one, the section's lock orders the calls.</remarks>
internal abstract unsafe class WindowsMemory : SystemMemory
{
    // Wine makes a mapping of Linux for each run of pages of one protection; Linux's default limit (vm.max_map_count).
    private const long MappingLimitOfWine = 65_530;

    internal static bool IsWine { get; } =
        NativeLibrary.TryLoad("ntdll.dll", out nint library)
        && NativeLibrary.TryGetExport(library, "wine_get_version", out _);

    internal override long MappingLimit => IsWine ? MappingLimitOfWine : long.MaxValue;

    internal static WindowsMemory Choose()
    {
        var placeholders = new PlaceholderMemory();
        return placeholders.IsSupported() ? placeholders : new ReservationMemory();
    }

    /// <summary>Creates the page-file section of one chunk; 0 if the system refuses.</summary>
    /// <remarks>
    /// Without memory, so that a view can be committed and closed in one step. Not under Wine, which opens the view all
    /// the
    /// same, and for each change of its protection asks a server that looks through all views of the process: 90 µs
    /// among 1,000 chunks and 140 µs among 3,000, instead of 28 µs.
    /// </remarks>
    internal static nint CreateSection() =>
        CreateFileMapping(
            INVALID_HANDLE_VALUE, null, PAGE_READWRITE | (IsWine ? SEC_COMMIT : SEC_RESERVE), 0, Chunk.Size, null);

    /// <summary>Maps a chunk's section at its held address.</summary>
    /// <returns>
    /// False if the system refuses, or another thread has taken the address; it is held again if it could be.
    /// </returns>
    internal abstract bool TryMap(nint section, byte* address);

    /// <summary>Unmaps a chunk and holds its address again.</summary>
    internal abstract void Unmap(byte* address);

    /// <summary>As <see cref="TryMap"/>, of a part of a chunk: multiples of 64 KiB.</summary>
    internal abstract bool TryMapPart(nint section, long offset, byte* address, long length);

    /// <summary>As <see cref="Unmap"/>, of what <see cref="TryMapPart"/> mapped.</summary>
    internal abstract void UnmapPart(byte* address, long length);

    /// <summary>Held addresses that are to be mapped in these lengths are to be mapped in those.</summary>
    internal abstract void Regroup(byte* start, ReadOnlySpan<int> before, ReadOnlySpan<int> after);

    /// <summary>
    /// Commits a mapped chunk, or a part of one, as a whole, closed in this view; what is committed is only closed.
    /// </summary>
    /// <returns>False if the system has no memory for it.</returns>
    internal virtual bool TryCommitClosed(byte* address, long length = Chunk.Size) =>
        VirtualAlloc(address, (nuint)length, MEM_COMMIT, PAGE_NOACCESS) is not null
        || RefusedCall.Note("VirtualAlloc(MEM_COMMIT)", Marshal.GetLastSystemError());

    private protected static MemoryException Failure(string what) => new(what, Marshal.GetLastSystemError());
}
