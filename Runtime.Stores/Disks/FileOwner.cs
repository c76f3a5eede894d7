using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Stores.Disks.Linux;

namespace Runtime.Stores.Disks;

/// <summary>Whose a file or directory is, and who else may write it.</summary>
internal static class FileOwner
{
    private const uint Root = 0;
    private const ushort WritableByOthers = 0x12; // 0022

    /// <summary>
    /// Refuses what belongs to somebody other than this process's user and root, and what others may write: whoever
    /// writes to it would do so by somebody else's leave, or together with him.
    /// </summary>
    /// <remarks>Linux only; on Windows access is a matter of the directory's list, which files inherit.</remarks>
    /// <exception cref="VolumeException"><see cref="Status.PermissionDenied"/>.</exception>
    public static void ThrowUnlessOurs(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const uint Wanted = LibC.STATX_UID | LibC.STATX_MODE;
        if (LibC.statx(file, pathname: "", LibC.AT_EMPTY_PATH, Wanted, out LibC.file_facts facts) != 0)
        {
            throw DiskErrors.Last("statx", path);
        }

        uint user = LibC.geteuid();
        if (facts.stx_uid != user && facts.stx_uid != Root)
        {
            throw new VolumeException(
                Status.PermissionDenied,
                $"'{path}' belongs to user {facts.stx_uid}, this process to user {user}: it is not opened for writing");
        }

        if ((facts.stx_mode & WritableByOthers) != 0)
        {
            throw new VolumeException(
                Status.PermissionDenied,
                $"'{path}' may be written by others than its owner: it is not opened for writing (chmod go-w)");
        }
    }
}
