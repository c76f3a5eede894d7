// sys/ioctl.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

internal static unsafe partial class LibC
{
    // On the fault path: errno by Marshal.GetLastSystemError.
    [LibraryImport(Library)]
    internal static partial int ioctl(int fd, nuint request, void* argument);
}
