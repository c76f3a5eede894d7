// handleapi.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Windows;

internal static unsafe partial class Kernel32
{
    internal const nint INVALID_HANDLE_VALUE = -1;

    [LibraryImport(Library)]
    internal static partial int CloseHandle(nint hObject);
}
