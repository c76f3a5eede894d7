using System.Diagnostics;
using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Native.Windows;

/// <summary>
/// A section made of chunks of 1 MiB, each a page-file section of its own: created whole when the first of its pages
/// is populated, and closed when the last is discarded, because Windows takes back committed pages in no other way.
/// </summary>
/// <remarks>
/// Never page by page: single commits exhaust Wine's mappings, and an uncommitted page of a view does not fault there.
/// </remarks>
internal sealed unsafe partial class WindowsSection : Section
{
    // Of Wine: the kernel view, the view in a window, and the gap that it splits off. A second window is not counted.
    private const int MappingsPerChunk = 3;

    private readonly WindowsMemory _memory;
    private readonly ChunkTable _chunks;
    private readonly List<WindowsWindow> _windows = [];
    private bool _isOpen;                                           // false, too, if the length was refused

    internal WindowsSection(long maximumLength, WindowsMemory memory)
        : base(maximumLength)
    {
        _memory = memory;
        _chunks = new ChunkTable(MaximumLength);
        _isOpen = true;
    }

    ~WindowsSection()
    {
        Dispose(disposing: false);
    }

    /// <summary>Guards the chunks and the windows' views of them; taken after a window's own lock.</summary>
    internal Lock Lock { get; } = new();

    internal ChunkTable ChunksUnsynchronized => _chunks;

    internal WindowsMemory Memory => _memory;

    public override byte* PageAddress(long page)
    {
        Chunk* chunk = _chunks.Find(page / Chunk.Pages);
        Debug.Assert(chunk is not null, "the page is not populated");
        return chunk->View + page % Chunk.Pages * PageSize;
    }

    internal override bool ShowsNewMemory => WindowsMemory.IsWine;

    public override int PagesPerAllocation => Chunk.Pages;

    public override long CostOf(long page, long pageCount)
    {
        ThrowIfOutside(page, pageCount);
        long cost = 0;
        for (long number = page / Chunk.Pages; number <= (page + pageCount - 1) / Chunk.Pages; number++)
        {
            cost += _chunks.Find(number) is null ? Chunk.Pages : 0;
        }

        return cost;
    }

    public override bool TryPopulate(long page, long pageCount, out long allocated)
    {
        ThrowIfOutside(page, pageCount);
        allocated = 0;
        for (long end = page + pageCount; page < end;)
        {
            int first = (int)(page % Chunk.Pages);
            int count = (int)Math.Min(Chunk.Pages - first, end - page);
            bool populated = TryPopulate(page / Chunk.Pages, first, count, out bool created);
            allocated += created ? Chunk.Pages : 0;
            if (!populated)
            {
                return false;
            }

            page += count;
        }

        return true;
    }

    public override long Discard(long page, long pageCount)
    {
        ThrowIfOutside(page, pageCount);
        long returned = 0;
        lock (Lock)
        {
            long end = page + pageCount;
            long endChunk = (end + Chunk.Pages - 1) / Chunk.Pages;
            for (long number = _chunks.NextPresent(page / Chunk.Pages, endChunk); number < endChunk;
                number = _chunks.NextPresent(number + 1, endChunk))
            {
                Chunk* chunk = _chunks.Find(number);
                int first = (int)Math.Max(page - number * Chunk.Pages, 0);
                int last = (int)Math.Min(end - number * Chunk.Pages, Chunk.Pages);
                chunk->Populated.Remove(first, last - first);
                if (chunk->Populated.IsEmpty)
                {
                    Close(chunk, number);
                    returned += Chunk.Pages;
                }
            }
        }

        return returned;
    }

    public override Window OpenWindow(string name, IFaultHandler handler) => new WindowsWindow(this, name, handler);

    /// <summary>Shows the window what is there, closed, and from now on each new chunk.</summary>
    internal void Attach(WindowsWindow window)
    {
        lock (Lock)
        {
            ObjectDisposedException.ThrowIf(!_isOpen, this);
            _windows.Add(window);
            long end = MaximumLength / Chunk.Size;
            for (long number = _chunks.NextPresent(0, end); number < end; number = _chunks.NextPresent(number + 1, end))
            {
                byte* address = window.Address + number * Chunk.Size;
                if (!_memory.TryMap(_chunks.Find(number)->Handle, address) || !_memory.TryCommitClosed(address))
                {
                    Detach(window);
                    throw new MemoryException("mapping a chunk into a window failed", 0);
                }
            }
        }
    }

    /// <summary>Takes everything out of the window.</summary>
    internal void Detach(WindowsWindow window)
    {
        lock (Lock)
        {
            if (!_windows.Remove(window))
            {
                return;
            }

            long end = MaximumLength / Chunk.Size;
            for (long number = _chunks.NextPresent(0, end); number < end; number = _chunks.NextPresent(number + 1, end))
            {
                if (!window.IsInFragments(number))
                {
                    _memory.Unmap(window.Address + number * Chunk.Size);
                }
            }

            window.DropFragments(_memory);
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (Lock)
        {
            if (!_isOpen)
            {
                return;
            }

            _isOpen = false;
            long end = MaximumLength / Chunk.Size;
            for (long number = _chunks.NextPresent(0, end); number < end; number = _chunks.NextPresent(number + 1, end))
            {
                Close(_chunks.Find(number), number);
            }

            _chunks.Free();
        }
    }

    private bool TryPopulate(long number, int first, int count, out bool created)
    {
        created = false;
        lock (Lock)
        {
            if (TryPopulateUnsynchronized(number, first, count))
            {
                return true;
            }
        }

        // Outside of the lock: what makes room for mappings takes locks of windows.
        if (!MappingBudget.TryTakeOrReclaim(MappingsPerChunk))
        {
            return false;
        }

        lock (Lock)
        {
            if (_isOpen && _chunks.Find(number) is null)
            {
                Chunk* place = _chunks.PlaceFor(number);
                created = place is not null && TryCreate(place, number);
            }

            if (!created)
            {
                MappingBudget.Give(MappingsPerChunk);
            }

            return TryPopulateUnsynchronized(number, first, count);
        }
    }

    private bool TryPopulateUnsynchronized(long number, int first, int count)
    {
        Chunk* chunk = _chunks.Find(number);
        if (chunk is null)
        {
            return false;
        }

        for (int page = first; page < first + count; page++)
        {
            if (chunk->Used.Contains(page) && !chunk->Populated.Contains(page))
            {
                new Span<byte>(chunk->View + page * PageSize, PageSize).Clear();
            }
        }

        chunk->Populated.Add(first, count);
        chunk->Used.Add(first, count);
        return true;
    }

    private bool TryCreate(Chunk* chunk, long number)
    {
        nint handle = WindowsMemory.CreateSection();
        if (handle == 0)
        {
            return false;
        }

        byte* view = MapViewOfFileEx(handle, FILE_MAP_READ | FILE_MAP_WRITE, 0, 0, Chunk.Size, null);
        if (view is not null && TryShow(handle, view, number))
        {
            *chunk = new Chunk { View = view, Handle = handle };
            return true;
        }

        if (view is not null)
        {
            _ = UnmapViewOfFile(view);
        }

        _ = CloseHandle(handle);
        return false;
    }

    /// <summary>Maps a chunk into every window before it is committed, so that none shows it open.</summary>
    private bool TryShow(nint handle, byte* view, long number)
    {
        int shown = 0;
        int whole = 0;
        while (shown < _windows.Count && TryMapWhole(handle, _windows[shown], number, ref whole))
        {
            shown++;
        }

        List<Fragment>? fragments = FragmentsOf(number);
        bool committed = shown == _windows.Count && TryMap(handle, fragments);
        foreach (WindowsWindow window in _windows)
        {
            committed = committed
                && (window.IsInFragments(number) || _memory.TryCommitClosed(window.Address + number * Chunk.Size));
        }

        committed = committed && TryCommitClosed(fragments);
        if (committed && whole == 0)
        {
            committed = VirtualAlloc(view, Chunk.Size, MEM_COMMIT, PAGE_READWRITE) is not null;
        }

        if (!committed)
        {
            Unmap(fragments);
        }

        while (!committed && shown > 0)
        {
            shown--;
            if (!_windows[shown].IsInFragments(number))
            {
                _memory.Unmap(_windows[shown].Address + number * Chunk.Size);
            }
        }

        return committed;
    }

    private bool TryMapWhole(nint handle, WindowsWindow window, long number, ref int whole)
    {
        if (window.IsInFragments(number))
        {
            return true;
        }

        whole++;
        return _memory.TryMap(handle, window.Address + number * Chunk.Size);
    }

    private void Close(Chunk* chunk, long number)
    {
        Unmap(FragmentsOf(number));
        foreach (WindowsWindow window in _windows)
        {
            if (!window.IsInFragments(number))
            {
                _memory.Unmap(window.Address + number * Chunk.Size);
            }
        }

        _ = UnmapViewOfFile(chunk->View);
        _ = CloseHandle(chunk->Handle);
        *chunk = default;
        MappingBudget.Give(MappingsPerChunk);
    }
}
