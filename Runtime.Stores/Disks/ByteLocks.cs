using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Runtime.Stores.Disks.Linux;
using Runtime.Stores.Disks.Windows;

namespace Runtime.Stores.Disks;

/// <summary>
/// Locks of single bytes of a file, which need not be there. A lock belongs to the handle that took it: it ends when
/// the handle is closed, by its owner or by the end of its process.
/// </summary>
/// <remarks>
/// Linux: open-file-description locks; those of POSIX would belong to the process, and end with any handle of it.
/// Windows: <c>LockFileEx</c>.
/// </remarks>
internal static class ByteLocks
{
    /// <returns>False if another handle has it.</returns>
    public static bool TryLock(SafeFileHandle file, string path, long offset)
    {
        if (OperatingSystem.IsWindows())
        {
            return TryLockOnWindows(
                file, path, offset, count: 1, Kernel32.LOCKFILE_FAIL_IMMEDIATELY | Kernel32.LOCKFILE_EXCLUSIVE_LOCK);
        }

        var range = new LibC.byte_range { l_type = LibC.F_WRLCK, l_start = offset, l_len = 1 };
        if (LibC.fcntl(file, LibC.F_OFD_SETLK, ref range) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is LibC.EAGAIN or LibC.EACCES
            ? false
            : throw DiskErrors.Last("fcntl F_OFD_SETLK", path);
    }

    /// <summary>Whether another handle has any of these bytes locked.</summary>
    /// <remarks>
    /// Windows has no such question: there all of them are locked for a moment, in which nobody else can have one.
    /// </remarks>
    public static bool IsAnyLocked(SafeFileHandle file, string path, long first, int count)
    {
        if (OperatingSystem.IsWindows())
        {
            if (!TryLockOnWindows(file, path, first, count, Kernel32.LOCKFILE_FAIL_IMMEDIATELY))
            {
                return true;
            }

            Kernel32.OVERLAPPED at = At(first);
            return Kernel32.UnlockFileEx(file, dwReserved: 0, (uint)count, 0, ref at)
                ? false
                : throw DiskErrors.Last("UnlockFileEx", path);
        }

        var range = new LibC.byte_range { l_type = LibC.F_WRLCK, l_start = first, l_len = count };
        return LibC.fcntl(file, LibC.F_OFD_GETLK, ref range) == 0
            ? range.l_type != LibC.F_UNLCK
            : throw DiskErrors.Last("fcntl F_OFD_GETLK", path);
    }

    private static bool TryLockOnWindows(SafeFileHandle file, string path, long first, int count, uint flags)
    {
        Kernel32.OVERLAPPED at = At(first);
        if (Kernel32.LockFileEx(file, flags, dwReserved: 0, (uint)count, 0, ref at))
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() is Kernel32.ERROR_LOCK_VIOLATION or Kernel32.ERROR_IO_PENDING
            ? false
            : throw DiskErrors.Last("LockFileEx", path);
    }

    private static Kernel32.OVERLAPPED At(long offset) => new()
    {
        Offset = (uint)offset,
        OffsetHigh = (uint)(offset >> 32),
    };
}
