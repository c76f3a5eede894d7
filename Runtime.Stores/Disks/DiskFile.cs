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
        ? OpenOnWindows(path, Disposition(create), Access(isReadOnly), Kernel32.FILE_SHARE_READ | Kernel32.FILE_SHARE_WRITE)
        : Checked("open", path, LibC.open(path, Flags(create, isReadOnly), OwnerOnly));

    /// <summary>Opens a file of a directory that is open already, so that nobody can put another directory in between.</summary>
    public static SafeFileHandle OpenAt(SafeFileHandle directory, string path, bool create, bool isReadOnly) =>
        Checked("openat", path, LibC.openat(directory, Path.GetFileName(path), Flags(create, isReadOnly), OwnerOnly));

    public static SafeFileHandle OpenDirectory(string path) => Checked(
        "open", path, LibC.open(path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, mode: 0));

    public static SafeFileHandle OpenOnWindows(string path, uint disposition, uint access, uint share) =>
        TryOpenOnWindows(path, disposition, access, share, out int error) ?? throw DiskErrors.For("CreateFile", path, error);

    public static SafeFileHandle? TryOpenOnWindows(string path, uint disposition, uint access, uint share, out int error)
    {
        SafeFileHandle file = Kernel32.CreateFile(
            path,
            access,
            share,
            lpSecurityAttributes: 0,
            disposition,
            Kernel32.FILE_ATTRIBUTE_NORMAL | Kernel32.FILE_FLAG_OPEN_REPARSE_POINT,
            hTemplateFile: 0);
        error = file.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        if (file.IsInvalid)
        {
            return null;
        }

        if (!File.GetAttributes(file).HasFlag(FileAttributes.ReparsePoint))
        {
            return file;
        }

        file.Dispose();
        throw new VolumeException(Status.IoError, $"CreateFile '{path}' refused: it is a symbolic link");
    }

    private static SafeFileHandle Checked(string call, string path, int descriptor) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : Marshal.GetLastPInvokeError() == LibC.ELOOP
            ? throw new VolumeException(Status.IoError, $"{call} '{path}' refused: it is a symbolic link (errno {LibC.ELOOP})")
            : throw DiskErrors.Last(call, path);

    // O_NONBLOCK: a pipe that stands where a file should be is refused, not waited for.
    private static int Flags(bool create, bool isReadOnly) =>
        (isReadOnly ? LibC.O_RDONLY : LibC.O_RDWR) | (create ? LibC.O_CREAT : 0)
        | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_CLOEXEC;

    private static uint Disposition(bool create) => create ? Kernel32.OPEN_ALWAYS : Kernel32.OPEN_EXISTING;

    private static uint Access(bool isReadOnly) =>
        isReadOnly ? Kernel32.GENERIC_READ : Kernel32.GENERIC_READ | Kernel32.GENERIC_WRITE;
}
