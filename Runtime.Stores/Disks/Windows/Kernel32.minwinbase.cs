// minwinbase.h
using System.Runtime.InteropServices;

namespace Runtime.Stores.Disks.Windows;

internal static partial class Kernel32
{
    internal const uint LOCKFILE_FAIL_IMMEDIATELY = 0x1;
    internal const uint LOCKFILE_EXCLUSIVE_LOCK = 0x2;

    [StructLayout(LayoutKind.Sequential)]
    internal struct OVERLAPPED
    {
        internal nuint Internal;
        internal nuint InternalHigh;
        internal uint Offset;
        internal uint OffsetHigh;
        internal nint hEvent;
    }
}
