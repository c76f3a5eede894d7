// winerror.h
namespace Runtime.Native.Windows;

internal static unsafe partial class Kernel32
{
    internal const int ERROR_ACCESS_DENIED = 5;
    internal const int ERROR_NOT_ENOUGH_MEMORY = 8;
    internal const int ERROR_INVALID_ADDRESS = 487;
}
