using System.Runtime.InteropServices;

namespace Runtime.Stores.Disks.Windows;

// fileapi.h
internal static partial class Kernel32
{
    [LibraryImport(Library, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool FlushFileBuffers(SafeHandle hFile);
}
