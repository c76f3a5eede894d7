using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

/// <summary>
/// A second mapping of a section's memory file, open for reading and writing as far as mappings go, and in which the
/// system shows a page only after it was told to. It stays one mapping, whatever is granted.
/// </summary>
internal sealed unsafe class UserfaultWindow : Window
{
    // Pages to be closed to writing go in one call with those between them that are closed to it already, but the
    // system goes over them page by page, so that more than so many cost more than another call.
    private const int LongestGap = 16;

    private readonly GrantClaims? _grants;

    internal UserfaultWindow(LinuxSection section, string name, IFaultHandler handler)
        : base(name, handler, section.MaximumLength)
    {
        _grants = new GrantClaims(PageCount);

        // Moving a mapping would undo its registration, so it is moved first; and opened last.
        section.ShowClosedAt(Address);
        Userfault.Register(Address, Length);
        TrapLibrary.kt_region_grants(Region, _grants.Leaves, Userfault.Descriptor);
        OpenRegistered(Address, Length);
    }

    /// <summary>Nothing is saved by it.</summary>
    internal override PageAccess Withdraw(long page)
    {
        PageAccess granted = _grants!.Claim(page, page + 1, out _);
        _grants.Release(page, 1, granted);
        return granted;
    }

    private protected override bool TryProtectPages(long page, long pageCount, PageAccess access)
    {
        GrantClaims grants = _grants!;
        long first = page;
        if (access != PageAccess.None && !grants.TryReserve(page, page + pageCount))
        {
            RefusedCall.Note("there is no native memory for the notes of what is granted");
            return IsClosed;
        }

        for (long end = page + pageCount; page < end;)
        {
            if (access == PageAccess.None && (page = grants.NextEverGranted(page, end)) == end)
            {
                break;
            }

            PageAccess before = grants.Claim(page, end, out long count);
            bool isDone = TryChange(page, count, before, access);
            grants.Release(page, count, isDone ? access : before);
            if (!isDone)
            {
                if (page > first)
                {
                    _ = TryProtectPages(first, page - first, PageAccess.None);
                }

                return IsClosed;
            }

            page += count;
        }

        GC.KeepAlive(this);                                         // or the finalizer could free what is used here
        return true;
    }

    private protected override bool TryLowerPages(long page, long pageCount, PageAccess access)
    {
        bool isDone = access == PageAccess.Read
            ? TryCloseToWriting(page, page + pageCount)
            : TryLowerRuns(page, page + pageCount, access);
        GC.KeepAlive(this);
        return isDone;
    }

    /// <summary>Withdraws the right to write, with as few calls as may be.</summary>
    private bool TryCloseToWriting(long page, long end)
    {
        GrantClaims grants = _grants!;
        while (true)
        {
            (long first, long next) = grants.FindWritable(page, end, LongestGap);
            if (first == end)
            {
                return true;
            }

            long count = grants.ClaimGranted(first, next);
            if (count > 0)
            {
                byte* start = Address + first * Section.PageSize;
                long length = count * Section.PageSize;
                bool isDone = Userfault.TryWriteProtect(start, length, isProtected: true)
                    || LibC.madvise(start, (nuint)length, LibC.MADV_DONTNEED) == 0;
                grants.Release(first, count, isDone ? PageAccess.Read : PageAccess.None);
                if (!isDone && !IsClosed)
                {
                    return false;
                }
            }

            page = first + Math.Max(count, 1);
        }
    }

    private bool TryLowerRuns(long page, long end, PageAccess access)
    {
        GrantClaims grants = _grants!;
        while ((page = grants.NextEverGranted(page, end)) < end)
        {
            PageAccess before = grants.Claim(page, end, out long count);
            bool isDone = before <= access || TryChange(page, count, before, access);
            grants.Release(page, count, isDone ? (PageAccess)Math.Min((int)before, (int)access) : before);
            if (!isDone && !IsClosed)
            {
                return false;
            }

            page += count;
        }

        return true;
    }

    /// <summary>Grants are noted by the window's pages, whatever these show, so the handler in C finds them.</summary>
    private protected override void ShowPages(long page, long pageCount, Section section, long sectionPage)
    {
        byte* start = Address + page * Section.PageSize;
        long length = pageCount * Section.PageSize;
        ((LinuxSection)section).ReplaceClosed(start, sectionPage * Section.PageSize, length);
        Userfault.Register(start, length);
        OpenRegistered(start, length);
    }

    private protected override void HidePages(long page, long pageCount) =>
        SetUp.ReserveAt((nint)Address + (nint)(page * Section.PageSize), pageCount * Section.PageSize);

    private protected override void MakeInaccessible() => SetUp.TakeOut((nint)Address, Length);

    private protected override void FreeGrants() => _grants?.Free();

    private static void OpenRegistered(byte* start, long length)
    {
        if (LibC.mprotect(start, (nuint)length, LibC.PROT_READ | LibC.PROT_WRITE) != 0)
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            throw new MemoryException($"mprotect of {length} bytes failed", error);
        }
    }

    /// <summary>Changes claimed pages, which have all the same access.</summary>
    private bool TryChange(long page, long pageCount, PageAccess before, PageAccess access)
    {
        byte* start = Address + page * Section.PageSize;
        long length = pageCount * Section.PageSize;
        if (access == before)
        {
            return true;                                            // what the system took out, the handler brings back
        }

        if (access == PageAccess.None)
        {
            return LibC.madvise(start, (nuint)length, LibC.MADV_DONTNEED) == 0;
        }

        if (before != PageAccess.None)
        {
            return Userfault.TryWriteProtect(start, length, isProtected: access == PageAccess.Read);
        }

        if (Userfault.TryContinue(start, length, isProtected: access == PageAccess.Read))
        {
            return true;
        }

        // Pages before the one that is refused may show by now.
        _ = LibC.madvise(start, (nuint)length, LibC.MADV_DONTNEED);
        return false;
    }
}
