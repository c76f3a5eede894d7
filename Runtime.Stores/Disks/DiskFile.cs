using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Stores.Disks.Linux;
using Runtime.Stores.Disks.Windows;

namespace Runtime.Stores.Disks;

/// <summary>Opens files for their owner only, never through a symbolic link, never inherited by a child.</summary>
internal static class DiskFile
{
    private const uint OwnerOnly = 0x180; // 0600

    public static SafeFileHandle Open(string path, bool create, bool isReadOnly) => OperatingSystem.IsWindows()
        ? OpenOnWindows(path, create, isReadOnly, FileShare.ReadWrite)
        : Checked("open", path, LibC.open(path, Flags(create, isReadOnly), OwnerOnly));

    /// <summary>
    /// Opens a file of a directory that is open already, so that nobody can put another directory in between.
    /// </summary>
    public static SafeFileHandle OpenAt(SafeFileHandle directory, string path, bool create, bool isReadOnly) =>
        Checked("openat", path, LibC.openat(directory, Path.GetFileName(path), Flags(create, isReadOnly), OwnerOnly));

    /// <summary>Opens a file for writing, and makes it if need be.</summary>
    /// <param name="directory">Its directory; null on Windows.</param>
    /// <param name="path">The file.</param>
    /// <param name="isReadOnly">Whether the file system is what forbids it.</param>
    /// <returns>Null where we may not write.</returns>
    public static SafeFileHandle? TryOpenForWriting(SafeFileHandle? directory, string path, out bool isReadOnly)
    {
        isReadOnly = false;
        if (directory is null)
        {
            try
            {
                return OpenOnWindows(path, create: true, isReadOnly: false, FileShare.ReadWrite);
            }
            catch (VolumeException e) when (e.InnerException is UnauthorizedAccessException or IOException
                && (e.InnerException.HResult & 0xFFFF) is Kernel32.ERROR_ACCESS_DENIED or Kernel32.ERROR_WRITE_PROTECT)
            {
                isReadOnly = (e.InnerException.HResult & 0xFFFF) == Kernel32.ERROR_WRITE_PROTECT;
                return null;
            }
        }

        int descriptor = LibC.openat(
            directory, Path.GetFileName(path), Flags(create: true, isReadOnly: false), OwnerOnly);
        int error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        isReadOnly = error == LibC.EROFS;
        return error is LibC.EROFS or LibC.EACCES or LibC.EPERM ? null : Checked("openat", path, descriptor);
    }

    /// <param name="path">The directory.</param>
    /// <param name="followsLink">
    /// Whether it may be a symbolic link: one above a volume's own may, since nothing of the volume stands in it.
    /// </param>
    public static SafeFileHandle OpenDirectory(string path, bool followsLink = false) => Checked(
        "open",
        path,
        LibC.open(
            path,
            LibC.O_RDONLY | LibC.O_DIRECTORY | (followsLink ? 0 : LibC.O_NOFOLLOW) | LibC.O_CLOEXEC,
            mode: 0));

    public static SafeFileHandle OpenOnWindows(string path, bool create, bool isReadOnly, FileShare share) =>
        TryOpenOnWindows(path, create, isReadOnly, share, out VolumeException? error) ?? throw error!;

    /// <returns>
    /// Null if somebody else has it open in a way that excludes this; <paramref name="error"/> says it, too.
    /// </returns>
    /// <remarks>
    /// By .NET, so that the handle is one that it knows. It has no <c>FILE_FLAG_OPEN_REPARSE_POINT</c>: links are
    /// looked for before, and who can put one there afterwards can also write the file.
    /// </remarks>
    public static SafeFileHandle? TryOpenOnWindows(
        string path, bool create, bool isReadOnly, FileShare share, out VolumeException? error)
    {
        try
        {
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new VolumeException(Status.IoError, $"CreateFile '{path}' refused: it is a symbolic link");
            }

            error = null;
            return File.OpenHandle(
                path,
                create ? FileMode.OpenOrCreate : FileMode.Open,
                isReadOnly ? FileAccess.Read : FileAccess.ReadWrite,
                share);
        }
        catch (IOException e)
        {
            error = DiskErrors.For("CreateFile", path, e);
            return (e.HResult & 0xFFFF) == Kernel32.ERROR_SHARING_VIOLATION ? null : throw error;
        }
        catch (UnauthorizedAccessException e)
        {
            throw DiskErrors.For("CreateFile", path, Kernel32.ERROR_ACCESS_DENIED, e);
        }
    }

    private static SafeFileHandle Checked(string call, string path, int descriptor) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : Marshal.GetLastPInvokeError() == LibC.ELOOP
            ? throw new VolumeException(
                Status.IoError, $"{call} '{path}' refused: it is a symbolic link (errno {LibC.ELOOP})")
            : throw DiskErrors.Last(call, path);

    // O_NONBLOCK: a pipe that stands where a file should be is refused, not waited for.
    private static int Flags(bool create, bool isReadOnly) =>
        (isReadOnly ? LibC.O_RDONLY : LibC.O_RDWR) | (create ? LibC.O_CREAT : 0)
        | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_CLOEXEC;
}
