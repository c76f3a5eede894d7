using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

/// <summary>A section in a memory file; its pages are allocated one by one and returned one by one.</summary>
internal sealed unsafe class LinuxSection : Section
{
    private const int NoDescriptor = -1;

    private static readonly Lock s_probe = new();                   // held while the next two change

    // MADV_POPULATE_WRITE needs Linux 5.14; found out by trying, before the first section is made.
    private static volatile bool s_isProbed;
    private static bool s_populates;

    private readonly LinuxEngine _engine;
    private readonly int _descriptor;
    private nint _view;

    internal LinuxSection(long maximumLength, LinuxEngine engine)
        : base(maximumLength)
    {
        _engine = engine;
        ProbePopulate();
        int descriptor = CreateMemoryFile();
        try
        {
            SetUp.SetLength(descriptor, MaximumLength);
            MappingBudget.Take(1);
            _view = MapOrGiveBack(descriptor);
            Advise((byte*)_view, MaximumLength);
            _descriptor = s_populates ? NoDescriptor : descriptor;
        }
        finally
        {
            if (_view == 0 || s_populates)
            {
                SetUp.Close(descriptor);
            }
        }
    }

    ~LinuxSection()
    {
        Dispose(disposing: false);
    }

    public override byte* PageAddress(long page) => (byte*)_view + page * PageSize;

    public override int PagesPerAllocation => 1;

    public override long CostOf(long page, long pageCount) => pageCount;

    public override bool TryPopulate(long page, long pageCount, out long allocated)
    {
        ThrowIfOutside(page, pageCount);
        if (Populates(page, pageCount))
        {
            allocated = pageCount;
            return true;
        }

        // The pages were given memory in their order, until it was refused. How far that came is asked one by one.
        allocated = 0;
        while (allocated < pageCount && Populates(page + allocated, 1))
        {
            allocated++;
        }

        return allocated == pageCount;
    }

    public override long Discard(long page, long pageCount)
    {
        ThrowIfOutside(page, pageCount);
        if (LibC.madvise(PageAddress(page), (nuint)(pageCount * PageSize), LibC.MADV_REMOVE) != 0)
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            throw new MemoryException($"madvise(MADV_REMOVE) of {pageCount} pages failed", error);
        }

        return pageCount;
    }

    public override Window OpenWindow(string name, IFaultHandler handler) => _engine.OpenWindow(this, name, handler);

    /// <summary>Maps the whole section once more in the place of reserved addresses, inaccessible.</summary>
    internal void ShowClosedAt(byte* address) => ShowClosedAt(address, 0, MaximumLength);

    /// <summary>Maps pages of the section once more in the place of what is there, inaccessible.</summary>
    internal void ShowClosedAt(byte* address, long offset, long length)
    {
        // An alias of the kernel view, made where nobody looks, closed, and only then moved to its place.
        nint alias = MapAlias(length, offset);
        try
        {
            ThrowIf(LibC.mprotect((byte*)alias, (nuint)length, LibC.PROT_NONE) != 0, "mprotect", length);
            nint moved = LibC.mremap(
                alias, (nuint)length, (nuint)length, LibC.MREMAP_MAYMOVE | LibC.MREMAP_FIXED, (nint)address);
            ThrowIf(moved == -1, "mremap", length);
        }
        catch (MemoryException)
        {
            SetUp.Unmap(alias, length);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="ShowClosedAt(byte*, long, long)"/> in the middle of a window; if it fails, reserved addresses are
    /// there.
    /// </summary>
    internal void ReplaceClosed(byte* address, long offset, long length)
    {
        try
        {
            ShowClosedAt(address, offset, length);
        }
        catch (MemoryException)
        {
            // The system may have unmapped what was there, and somebody else's memory must not come in its place.
            SetUp.ReserveAt((nint)address, length);
            throw;
        }
    }

    /// <summary>Maps pages once more, open, wherever there is room.</summary>
    internal nint MapAlias(long length, long offset = 0)
    {
        nint alias = LibC.mremap(_view + (nint)offset, 0, (nuint)length, LibC.MREMAP_MAYMOVE, 0);
        ThrowIf(alias == -1, "mremap", length);
        Advise((byte*)alias, length);
        return alias;
    }

    /// <summary>
    /// The memory is in no child and no core dump, and is made of small pages, which are what is granted.
    /// </summary>
    private static void Advise(byte* start, long length)
    {
        // Each of these is a refinement that old kernels may lack: a refusal changes nothing that is promised.
        _ = LibC.madvise(start, (nuint)length, LibC.MADV_DONTFORK);
        _ = LibC.madvise(start, (nuint)length, LibC.MADV_DONTDUMP);
        _ = LibC.madvise(start, (nuint)length, LibC.MADV_NOHUGEPAGE);
    }

    protected override void Dispose(bool disposing)
    {
        nint view = Interlocked.Exchange(ref _view, 0);
        if (view == 0)
        {
            return;
        }

        SetUp.Unmap(view, MaximumLength);
        MappingBudget.Give(1);
        if (_descriptor != NoDescriptor)
        {
            SetUp.Close(_descriptor);
        }
    }

    private bool Populates(long page, long pageCount)
    {
        if (!s_populates)
        {
            return LibC.fallocate(_descriptor, mode: 0, page * PageSize, pageCount * PageSize) == 0
                || RefusedCall.Note("fallocate of a memory file", Marshal.GetLastPInvokeError());
        }

        return LibC.madvise(PageAddress(page), (nuint)(pageCount * PageSize), LibC.MADV_POPULATE_WRITE) == 0
            || RefusedCall.Note("madvise(MADV_POPULATE_WRITE)", Marshal.GetLastSystemError());
    }

    private nint MapOrGiveBack(int descriptor)
    {
        try
        {
            return SetUp.MapShared(descriptor, MaximumLength);
        }
        catch (MemoryException)
        {
            MappingBudget.Give(1);
            throw;
        }
    }

    private static void ThrowIf(bool failed, string call, long length)
    {
        if (failed)
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            throw new MemoryException($"{call} of {length} bytes failed", error);
        }
    }

    private static int CreateMemoryFile()
    {
        int descriptor = LibC.memfd_create("katydid", flags: LibC.MFD_CLOEXEC | LibC.MFD_NOEXEC_SEAL);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == LibC.EINVAL)
        {
            descriptor = LibC.memfd_create("katydid", flags: LibC.MFD_CLOEXEC); // before Linux 6.3
        }

        return descriptor >= 0
            ? descriptor
            : throw new MemoryException("memfd_create failed", Marshal.GetLastPInvokeError());
    }

    /// <summary>A refusal for want of memory says nothing of the system: the next section asks again.</summary>
    /// <exception cref="MemoryException">It could not be found out.</exception>
    private static void ProbePopulate()
    {
        lock (s_probe)
        {
            if (!s_isProbed)
            {
                s_populates = CanPopulate();
                s_isProbed = true;
            }
        }
    }

    private static bool CanPopulate()
    {
        int descriptor = CreateMemoryFile();
        nint view = 0;
        try
        {
            SetUp.SetLength(descriptor, PageSize);
            view = SetUp.MapShared(descriptor, PageSize);
            int result = LibC.madvise((byte*)view, PageSize, LibC.MADV_POPULATE_WRITE);
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            return result == 0 || (error is LibC.ENOMEM or LibC.EAGAIN
                ? throw new MemoryException("madvise(MADV_POPULATE_WRITE) of a page failed", error)
                : false);                                           // an older system, or one that does not allow it
        }
        finally
        {
            SetUp.Unmap(view, view == 0 ? 0 : PageSize);
            SetUp.Close(descriptor);
        }
    }
}
