using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Stores.Disks.Linux;

namespace Runtime.Stores.Disks;

/// <summary>The file systems of the system.</summary>
internal sealed class SystemFiles : IFileSystem
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private SystemFiles()
    {
    }

    public static SystemFiles Instance { get; } = new();

    public bool FileExists(string path) => File.Exists(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public void CreateDirectory(string path, bool isOwnerOnly)
    {
        try
        {
            if (OperatingSystem.IsWindows() || !isOwnerOnly)
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, OwnerOnly);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VolumeException(Status.IoError, $"the directory '{path}' cannot be created: {e.Message}", e);
        }
    }

    public IFile OpenFile(SafeFileHandle? directory, string path, bool create, bool isReadOnly) => new SystemFile(
        directory is null
            ? DiskFile.Open(path, create, isReadOnly)
            : DiskFile.OpenAt(directory, path, create, isReadOnly));

    public void FlushDirectory(SafeFileHandle? directory, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using SafeFileHandle? opened = directory is null ? DiskFile.OpenDirectory(path, followsLink: true) : null;
        if (LibC.fsync(directory ?? opened!) != 0)
        {
            throw DiskErrors.Last("fsync", path);
        }
    }
}
