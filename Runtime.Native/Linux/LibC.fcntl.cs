// fcntl.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

internal static unsafe partial class LibC
{
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fallocate(int fd, int mode, long offset, long len);
}
