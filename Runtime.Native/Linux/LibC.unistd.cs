// unistd.h, sys/random.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

internal static unsafe partial class LibC
{
    internal const int F_OK = 0;

    [LibraryImport(Library)]
    internal static partial int access(byte* pathname, int mode);

    [LibraryImport(Library)]
    internal static partial nint getrandom(byte* buf, nuint buflen, uint flags);
}
