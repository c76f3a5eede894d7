using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;
using Runtime.Stores.Disks.Linux;

namespace Runtime.Stores.Volumes;

/// <summary>
/// The directory of a volume: <c>data</c> holds its blocks, <c>lock</c> says who writes it, <c>readers</c> who reads.
/// </summary>
/// <remarks>
/// It and its files are their owner's only; on Windows they inherit what the parent directory allows.
/// </remarks>
internal sealed class VolumeDirectory : IDisposable
{
    private const string DataName = "data";
    private const string LockName = "lock";
    private const string ReadersName = "readers";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly VolumeOptions _options;

    // On Linux every file is opened, and the directory flushed, by this handle; Windows has no such thing.
    private readonly SafeFileHandle? _directory;
    private VolumeLock? _lock;
    private ReadersFile? _readers;

    private VolumeDirectory(string path, VolumeOptions options, SafeFileHandle? directory)
    {
        _path = path;
        _options = options;
        _directory = directory;
    }

    /// <summary>Where readers and the writer see each other; null if they keep each other out.</summary>
    public IReaders? Readers => _readers;

    public static VolumeDirectory Open(string path, VolumeOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (options.Create)
        {
            Create(path);
        }
        else if (!File.Exists(Path.Combine(path, DataName)))
        {
            throw new VolumeException(Status.IoError, $"there is no volume in '{path}'");
        }

        var directory = new VolumeDirectory(path, options, OpenHandle(path));
        try
        {
            directory.Enter();
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public IDisk OpenData()
    {
        string path = Path.Combine(_path, DataName);
        SafeFileHandle file = _directory is null
            ? DiskFile.Open(path, _options.Create, _options.ReadOnly)
            : DiskFile.OpenAt(_directory, path, _options.Create, _options.ReadOnly);
        try
        {
            CheckOwner(file, path);
            return new FileDisk(file, path, _options.ReadOnly);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes the names in the directory, and its own in its parent, durable. NTFS keeps names in its own log.
    /// </summary>
    public void Flush()
    {
        if (_directory is null)
        {
            return;
        }

        Flush(_directory, _path);
        if (Path.GetDirectoryName(_path) is { } parent)
        {
            using SafeFileHandle handle = DiskFile.OpenDirectory(parent);
            Flush(handle, parent);
        }
    }

    public void Dispose()
    {
        _readers?.Dispose();
        _lock?.Dispose();
        _directory?.Dispose();
    }

    private static void Create(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
                return;
            }

            if (Path.GetDirectoryName(path) is { } parent)
            {
                Directory.CreateDirectory(parent);
            }

            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VolumeException(Status.IoError, $"the directory '{path}' cannot be created: {e.Message}", e);
        }
    }

    private static SafeFileHandle? OpenHandle(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            return DiskFile.OpenDirectory(path);
        }

        return File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint)
            ? throw new VolumeException(Status.IoError, $"the directory '{path}' is a symbolic link")
            : null;
    }

    private static void Flush(SafeFileHandle directory, string path)
    {
        if (LibC.fsync(directory) != 0)
        {
            throw DiskErrors.Last("fsync", path);
        }
    }

    /// <summary>Takes the lock to write, or a place beside the writer to read.</summary>
    private void Enter()
    {
        string path = Path.Combine(_path, ReadersName);
        if (!_options.ReadOnly)
        {
            CheckOwner(_directory, _path);
            _lock = AcquireLock();
            _readers = ReadersFile.TryOpen(_directory, path, isToClaim: false, out _)
                ?? throw new VolumeException(Status.PermissionDenied, $"'{path}' cannot be written");
            CheckOwner(_readers.File, path);
            return;
        }

        _readers = ReadersFile.TryOpen(_directory, path, isToClaim: true, out bool isReadOnly);
        if (_readers is null)
        {
            _lock = TryAcquireLock(mayFail: isReadOnly);
        }
    }

    /// <summary>Without a place of its own, a reader keeps writers out instead.</summary>
    /// <param name="mayFail">Whether nobody can write the volume anyway.</param>
    private VolumeLock? TryAcquireLock(bool mayFail)
    {
        try
        {
            return AcquireLock();
        }
        catch (VolumeException) when (mayFail)
        {
            return null;
        }
    }

    private void CheckOwner(SafeFileHandle? file, string path)
    {
        if (!_options.ReadOnly && file is not null)
        {
            FileOwner.ThrowUnlessOurs(file, path);
        }
    }

    private VolumeLock AcquireLock()
    {
        string path = Path.Combine(_path, LockName);
        if (_directory is null)
        {
            return VolumeLock.AcquireOnWindows(path, isShared: _options.ReadOnly);
        }

        SafeFileHandle file = DiskFile.OpenAt(
            _directory, path, create: !_options.ReadOnly, isReadOnly: _options.ReadOnly);
        try
        {
            CheckOwner(file, path);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return VolumeLock.Acquire(file, path, isShared: _options.ReadOnly);
    }
}
