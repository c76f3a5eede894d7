// sys/file.h
using System.Runtime.InteropServices;

namespace Runtime.Stores.Disks.Linux;

internal static partial class LibC
{
    internal const int LOCK_SH = 1;
    internal const int LOCK_EX = 2;
    internal const int LOCK_NB = 4;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int flock(SafeHandle fd, int operation);
}
