// fileapi.h
using System.Runtime.InteropServices;

namespace Runtime.Stores.Disks.Windows;

internal static partial class Kernel32
{
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool FlushFileBuffers(SafeHandle hFile);
}
