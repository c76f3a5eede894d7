// linux/userfaultfd.h, sys/ioctl.h, sys/syscall.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

internal static unsafe partial class LibC
{
    internal const int UFFD_USER_MODE_ONLY = 1;
    internal const ulong UFFD_API = 0xAA;

    internal const ulong UFFD_FEATURE_PAGEFAULT_FLAG_WP = 1 << 0;
    internal const ulong UFFD_FEATURE_MISSING_SHMEM = 1 << 5;
    internal const ulong UFFD_FEATURE_SIGBUS = 1 << 7;
    internal const ulong UFFD_FEATURE_MINOR_SHMEM = 1 << 10;
    internal const ulong UFFD_FEATURE_WP_HUGETLBFS_SHMEM = 1 << 12;

    internal const uint UFFDIO_API = 0xC018AA3F;
    internal const uint UFFDIO_REGISTER = 0xC020AA00;
    internal const uint UFFDIO_WRITEPROTECT = 0xC018AA06;
    internal const uint UFFDIO_CONTINUE = 0xC020AA07;

    internal const ulong UFFDIO_REGISTER_MODE_MISSING = 1 << 0;
    internal const ulong UFFDIO_REGISTER_MODE_WP = 1 << 1;
    internal const ulong UFFDIO_REGISTER_MODE_MINOR = 1 << 2;
    internal const ulong UFFDIO_WRITEPROTECT_MODE_WP = 1 << 0;
    internal const ulong UFFDIO_WRITEPROTECT_MODE_DONTWAKE = 1 << 1;
    internal const ulong UFFDIO_CONTINUE_MODE_DONTWAKE = 1 << 0;
    internal const ulong UFFDIO_CONTINUE_MODE_WP = 1 << 1; // not in headers before Linux 6.4

    // The C library has no function for it.
    internal static int userfaultfd(int flags) => (int)syscall(SYS_userfaultfd, flags);

    private const long SYS_userfaultfd = 323;

    [LibraryImport(Library, SetLastError = true)]
    private static partial long syscall(long number, nint argument);

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_api // struct uffdio_api
    {
        internal ulong api;
        internal ulong features;
        internal ulong ioctls;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_range // struct uffdio_range
    {
        internal ulong start;
        internal ulong len;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_register // struct uffdio_register
    {
        internal uffdio_range range;
        internal ulong mode;
        internal ulong ioctls;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_writeprotect // struct uffdio_writeprotect
    {
        internal uffdio_range range;
        internal ulong mode;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct uffdio_continue // struct uffdio_continue
    {
        internal uffdio_range range;
        internal ulong mode;
        internal long mapped;
    }
}
