// unistd.h
using System.Runtime.InteropServices;

namespace Runtime.Stores.Disks.Linux;

internal static partial class LibC
{
    [LibraryImport(Library)]
    internal static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fsync(SafeHandle fd);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fdatasync(SafeHandle fd);
}
