using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

/// <summary>A second mapping of a section's memory file, protected run by run.</summary>
internal sealed unsafe class LinuxWindow : Window
{
    internal LinuxWindow(LinuxSection section, string name, IFaultHandler handler)
        : base(name, handler, section.MaximumLength)
    {
        // An alias of the kernel view, made where nobody looks, closed, and only then moved to its place.
        nuint length = (nuint)Length;
        nint alias = LibC.mremap(section.View, 0, length, LibC.MREMAP_MAYMOVE, 0);
        ThrowIf(alias == -1, "mremap");
        try
        {
            ThrowIf(LibC.mprotect((byte*)alias, length, LibC.PROT_NONE) != 0, "mprotect");
            LinuxSection.Advise((byte*)alias, Length);
            nint moved = LibC.mremap(alias, length, length, LibC.MREMAP_MAYMOVE | LibC.MREMAP_FIXED, (nint)Address);
            ThrowIf(moved == -1, "mremap");
        }
        catch (MemoryException)
        {
            SetUp.Unmap(alias, Length);
            throw;
        }
    }

    private protected override ProtectResult Protect(long page, long pageCount, PageAccess access)
    {
        int protection = access switch
        {
            PageAccess.None => LibC.PROT_NONE,
            PageAccess.Read => LibC.PROT_READ,
            _ => LibC.PROT_READ | LibC.PROT_WRITE,
        };
        byte* start = Address + page * Section.PageSize;
        if (LibC.mprotect(start, (nuint)(pageCount * Section.PageSize), protection) == 0)
        {
            return ProtectResult.Done;
        }

        return Marshal.GetLastSystemError() == LibC.ENOMEM ? ProtectResult.NoMapping : ProtectResult.Failed;
    }

    private protected override void MakeInaccessible() => SetUp.ReserveAt((nint)Address, Length);

    private void ThrowIf(bool failed, string call)
    {
        if (failed)
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            throw new MemoryException($"{call} of {Length} bytes failed", error);
        }
    }
}
