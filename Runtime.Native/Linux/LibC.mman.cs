// sys/mman.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

internal static unsafe partial class LibC
{
    internal const string Library = "libc";

    internal const int PROT_NONE = 0x0;
    internal const int PROT_READ = 0x1;
    internal const int PROT_WRITE = 0x2;

    internal const uint MFD_CLOEXEC = 0x0001;
    internal const uint MFD_NOEXEC_SEAL = 0x0008; // not in headers before Linux 6.3

    internal const int MREMAP_MAYMOVE = 1;
    internal const int MREMAP_FIXED = 2;

    internal const int MADV_DONTNEED = 4;
    internal const int MADV_REMOVE = 9;
    internal const int MADV_DONTFORK = 10;
    internal const int MADV_NOHUGEPAGE = 15;
    internal const int MADV_DONTDUMP = 16;
    internal const int MADV_POPULATE_WRITE = 23;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int memfd_create(string name, uint flags);

    [LibraryImport(Library)]
    internal static partial nint mremap(nint old_address, nuint old_size, nuint new_size, int flags, nint new_address);

    // On the fault path: errno by Marshal.GetLastSystemError, which costs nothing when it is not asked for.
    [LibraryImport(Library)]
    internal static partial int mprotect(byte* addr, nuint len, int prot);

    [LibraryImport(Library)]
    internal static partial int madvise(byte* addr, nuint length, int advice);
}
