using System.Runtime.InteropServices;
using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Native.Windows;

/// <summary>A row of held addresses in which the section's chunks appear as they are created, closed.</summary>
internal sealed unsafe partial class WindowsWindow : SplittingWindow
{
    private readonly WindowsSection _section;

    internal WindowsWindow(WindowsSection section, string name, IFaultHandler handler)
        : base(name, handler, section.MaximumLength)
    {
        _section = section;
        section.Attach(this);
    }

    private protected override ProtectResult Protect(long page, long pageCount, PageAccess access) =>
        _fragments.Count == 0
            ? ProtectWhole(page, pageCount, access)
            : ProtectInParts(page, pageCount, access);

    private protected override void ReplaceByReserved() => _section.Detach(this);

    private static ProtectResult ResultOf(int error) => error switch
    {
        0 => ProtectResult.Done,
        ERROR_ACCESS_DENIED or ERROR_NOT_ENOUGH_MEMORY => ProtectResult.NoMapping,      // as Wine reports its limit
        _ => ProtectResult.Failed,
    };

    private ProtectResult ProtectWhole(long page, long pageCount, PageAccess access)
    {
        long firstChunk = page / Chunk.Pages;
        long endChunk = (page + pageCount + Chunk.Pages - 1) / Chunk.Pages;
        lock (_section.Lock)
        {
            ChunkTable chunks = _section.ChunksUnsynchronized;
            if (access != PageAccess.None && !chunks.Contains(firstChunk, endChunk))
            {
                return ProtectResult.Failed;                        // a grant of what is not there
            }

            // An absent chunk shows nothing that could be closed.
            for (long chunk = chunks.NextPresent(firstChunk, endChunk); chunk < endChunk;
                chunk = chunks.NextPresent(chunk + 1, endChunk))
            {
                long first = Math.Max(page, chunk * Chunk.Pages);
                long end = Math.Min(page + pageCount, (chunk + 1) * Chunk.Pages);
                int error = TryProtectRun(first, end - first, access);
                if (error != 0)
                {
                    RestoreUnsynchronized(chunks, page, first);
                    return ResultOf(error);
                }
            }
        }

        return ProtectResult.Done;
    }

    /// <summary>Puts pages back to what was granted before.</summary>
    private void RestoreUnsynchronized(ChunkTable chunks, long page, long end)
    {
        for (; page < end; page++)
        {
            if (chunks.Find(page / Chunk.Pages) is not null)
            {
                _ = TryProtectRun(page, 1, Granted(page));
            }
        }
    }

    /// <summary>Protects pages of one chunk: 0 or an error number.</summary>
    private int TryProtectRun(long page, long pageCount, PageAccess access)
    {
        uint protection = access switch
        {
            PageAccess.None => PAGE_NOACCESS,
            PageAccess.Read => PAGE_READONLY,
            _ => PAGE_READWRITE,
        };
        uint before;
        byte* start = Address + page * Section.PageSize;
        return VirtualProtect(start, (nuint)(pageCount * Section.PageSize), protection, &before) != 0
            ? 0
            : Marshal.GetLastSystemError();
    }
}
