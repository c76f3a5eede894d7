using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

/// <summary>A second mapping of a section's memory file, protected run by run.</summary>
internal sealed unsafe class ProtectWindow : SplittingWindow
{
    internal ProtectWindow(LinuxSection section, string name, IFaultHandler handler)
        : base(name, handler, section.MaximumLength) => section.ShowClosedAt(Address);

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

        int error = Marshal.GetLastSystemError();                   // before anything else can change it
        RefusedCall.Note("mprotect", error);
        return error == LibC.ENOMEM ? ProtectResult.NoMapping : ProtectResult.Failed;
    }

    private protected override void ShowPages(long page, long pageCount, Section section, long sectionPage) =>
        ((LinuxSection)section).ReplaceClosed(
            Address + page * Section.PageSize, sectionPage * Section.PageSize, pageCount * Section.PageSize);

    private protected override void HidePages(long page, long pageCount) =>
        SetUp.ReserveAt((nint)Address + (nint)(page * Section.PageSize), pageCount * Section.PageSize);

    private protected override void ReplaceByReserved() => SetUp.TakeOut((nint)Address, Length);
}
