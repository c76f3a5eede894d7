// fcntl.h, sys/stat.h
using System.Runtime.InteropServices;

namespace Runtime.Stores.Disks.Linux;

// Unlike the others of its kind it fills the same structure on every processor.
internal static partial class LibC
{
    internal const int AT_EMPTY_PATH = 0x1000;
    internal const uint STATX_MODE = 0x2;
    internal const uint STATX_UID = 0x8;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int statx(SafeHandle dirfd, string pathname, int flags, uint mask, out file_facts facts);

    [StructLayout(LayoutKind.Sequential, Size = 256)]
    internal struct file_facts // struct statx
    {
        internal uint stx_mask;
        internal uint stx_blksize;
        internal ulong stx_attributes;
        internal uint stx_nlink;
        internal uint stx_uid;
        internal uint stx_gid;
        internal ushort stx_mode;
    }
}
