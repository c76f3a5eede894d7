using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

/// <summary>A section in a memory file; its pages are allocated one by one and returned one by one.</summary>
internal sealed unsafe class LinuxSection : Section
{
    private const int NoDescriptor = -1;

    // MADV_POPULATE_WRITE needs Linux 5.14; found out once, by trying.
    private static readonly bool s_populates = ProbePopulate();

    private readonly int _descriptor;
    private nint _view;

    internal LinuxSection(long maximumLength)
        : base(maximumLength)
    {
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

    internal nint View => _view;

    public override byte* PageAddress(long page) => (byte*)_view + page * PageSize;

    public override bool TryPopulate(long page, long pageCount)
    {
        ThrowIfOutside(page, pageCount);
        byte* start = PageAddress(page);
        int result = s_populates
            ? LibC.madvise(start, (nuint)(pageCount * PageSize), LibC.MADV_POPULATE_WRITE)
            : LibC.fallocate(_descriptor, mode: 0, page * PageSize, pageCount * PageSize);
        return result == 0;
    }

    public override void Discard(long page, long pageCount)
    {
        ThrowIfOutside(page, pageCount);
        if (LibC.madvise(PageAddress(page), (nuint)(pageCount * PageSize), LibC.MADV_REMOVE) != 0)
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            throw new MemoryException($"madvise(MADV_REMOVE) of {pageCount} pages failed", error);
        }
    }

    public override Window OpenWindow(string name, IFaultHandler handler) => new LinuxWindow(this, name, handler);

    /// <summary>
    /// The memory is in no child and no core dump, and is made of small pages, which are what is granted.
    /// </summary>
    internal static void Advise(byte* start, long length)
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

    private static bool ProbePopulate()
    {
        int descriptor = CreateMemoryFile();
        SetUp.SetLength(descriptor, PageSize);
        nint view = SetUp.MapShared(descriptor, PageSize);
        bool works = LibC.madvise((byte*)view, PageSize, LibC.MADV_POPULATE_WRITE) == 0;
        SetUp.Unmap(view, PageSize);
        SetUp.Close(descriptor);
        return works;
    }
}
