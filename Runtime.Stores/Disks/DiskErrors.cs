using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Stores.Disks.Linux;
using Runtime.Stores.Disks.Windows;

namespace Runtime.Stores.Disks;

/// <summary>Turns what the system answers into exceptions that name the call, the file and the number.</summary>
internal static class DiskErrors
{
    /// <summary>The exception for a call of ours that has just failed.</summary>
    public static VolumeException Last(string call, string path) => For(call, path, Marshal.GetLastPInvokeError());

    public static VolumeException For(string call, string path, int number, Exception? innerException = null)
    {
        string text = number == 0 ? innerException?.Message ?? "unknown error" : Marshal.GetPInvokeErrorMessage(number);
        string name = OperatingSystem.IsWindows() ? "error" : "errno";
        return new VolumeException(
            IsFull(number) ? Status.NoResources : Status.IoError,
            $"{call} '{path}' failed: {text} ({name} {number})",
            innerException);
    }

    /// <summary>The same for a call made by .NET, which keeps the number in <see cref="Exception.HResult"/>.</summary>
    public static VolumeException For(string call, string path, IOException exception)
    {
        const int FacilityWin32 = unchecked((int)0x8007_0000);
        const int Code = 0xFFFF;
        int result = exception.HResult;
        int number = OperatingSystem.IsWindows() && (result & ~Code) == FacilityWin32 ? result & Code :
            result is > 0 and <= Code ? result : 0;
        return For(call, path, number, exception);
    }

    private static bool IsFull(int number) => OperatingSystem.IsWindows()
        ? number is Kernel32.ERROR_DISK_FULL or Kernel32.ERROR_HANDLE_DISK_FULL
        : number is LibC.ENOSPC or LibC.EDQUOT;
}
