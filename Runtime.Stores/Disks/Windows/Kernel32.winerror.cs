// winerror.h
namespace Runtime.Stores.Disks.Windows;

internal static partial class Kernel32
{
    internal const int ERROR_ACCESS_DENIED = 5;
    internal const int ERROR_WRITE_PROTECT = 19;
    internal const int ERROR_SHARING_VIOLATION = 32;
    internal const int ERROR_LOCK_VIOLATION = 33;
    internal const int ERROR_HANDLE_DISK_FULL = 39;
    internal const int ERROR_DISK_FULL = 112;
    internal const int ERROR_IO_PENDING = 997;
}
