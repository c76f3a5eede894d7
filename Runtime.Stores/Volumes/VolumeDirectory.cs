using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>
/// The directory of a volume: <c>data</c> holds its blocks, <c>kernel.log</c> the kernel's records, <c>lock</c> says
/// who writes it, <c>readers</c> who reads.
/// </summary>
/// <remarks>
/// It and its files are their owner's only; on Windows they inherit what the parent directory allows.
/// </remarks>
internal sealed class VolumeDirectory : IDisposable
{
    private const string DataName = "data";
    private const string LogName = "kernel.log";
    private const string LockName = "lock";
    private const string ReadersName = "readers";

    private readonly string _path;
    private readonly VolumeOptions _options;
    private readonly IFileSystem _system;
    private readonly IReadOnlyCollection<string> _made;

    // On Linux every file is opened, and the directory flushed, by this handle; Windows has no such thing.
    private readonly SafeFileHandle? _directory;
    private VolumeLock? _lock;
    private ReadersFile? _readers;

    private VolumeDirectory(
        string path,
        VolumeOptions options,
        IFileSystem system,
        IReadOnlyCollection<string> made,
        SafeFileHandle? directory)
    {
        _path = path;
        _options = options;
        _system = system;
        _made = made;
        _directory = directory;
    }

    /// <summary>Where readers and the writer see each other; null if they keep each other out.</summary>
    public IReaders? Readers => _readers;

    public static VolumeDirectory Open(string path, VolumeOptions options, IFileSystem system)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        IReadOnlyCollection<string> made = [];
        if (options.Create)
        {
            made = Create(path, system);
        }
        else if (!system.FileExists(Path.Combine(path, DataName)))
        {
            throw new VolumeException(Status.IoError, $"there is no volume in '{path}'");
        }

        var directory = new VolumeDirectory(path, options, system, made, OpenHandle(path));
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

    public IDisk OpenData() => OpenDisk(Path.Combine(_path, DataName), _options.Create, _options.ReadOnly);

    /// <summary>Opens the kernel's log; a volume made before there was one gets it now.</summary>
    /// <returns>Null if there is none to be read.</returns>
    public IDisk? TryOpenLog(bool isReadOnly)
    {
        string path = Path.Combine(_path, LogName);
        return isReadOnly && !_system.FileExists(path) ? null : OpenDisk(path, create: !isReadOnly, isReadOnly);
    }

    /// <summary>Makes the names in the directory durable.</summary>
    public void FlushOwnNames() => _system.FlushDirectory(_directory, _path);

    /// <summary>
    /// Makes the names in the directory, and those that lead to it, durable. NTFS keeps names in its own log.
    /// </summary>
    /// <remarks>
    /// Up to the root, since a creation that was killed may have made any of them. Those that this one did not make
    /// may be closed to us, or on a file system that cannot flush: there it is enough to have tried.
    /// </remarks>
    public void FlushNames()
    {
        FlushOwnNames();
        string child = _path;
        for (bool isNeeded = true; Path.GetDirectoryName(child) is { } parent; child = parent)
        {
            try
            {
                _system.FlushDirectory(directory: null, parent);
            }
            catch (VolumeException) when (!isNeeded)
            {
            }

            isNeeded = isNeeded && _made.Contains(parent);
        }
    }

    public void Dispose()
    {
        _readers?.Dispose();
        _lock?.Dispose();
        _directory?.Dispose();
    }

    private FileDisk OpenDisk(string path, bool create, bool isReadOnly)
    {
        IFile file = _system.OpenFile(_directory, path, create, isReadOnly);
        try
        {
            if (!isReadOnly)
            {
                file.ThrowUnlessOurs(path);
            }

            return new FileDisk(file, path, isReadOnly);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <returns>The directories above it that had to be made.</returns>
    private static Stack<string> Create(string path, IFileSystem system)
    {
        var missing = new Stack<string>();
        for (string? ancestor = Path.GetDirectoryName(path);
            ancestor is not null && !system.DirectoryExists(ancestor);
            ancestor = Path.GetDirectoryName(ancestor))
        {
            missing.Push(ancestor);
        }

        foreach (string ancestor in missing)
        {
            system.CreateDirectory(ancestor, isOwnerOnly: false);
        }

        system.CreateDirectory(path, isOwnerOnly: true);
        return missing;
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
