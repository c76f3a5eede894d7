// processthreadsapi.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Windows;

internal static unsafe partial class Kernel32
{
    [LibraryImport(Library)]
    internal static partial nint GetCurrentProcess();
}
