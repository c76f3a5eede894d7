using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Stores.Disks;
using Runtime.Stores.Disks.Linux;

namespace Runtime.Stores.Volumes;

/// <summary>One writer or any number of readers have a volume; the system ends the lock with its process.</summary>
/// <remarks>
/// Linux: <c>flock</c> on the file. Windows: the file's share mode. A writer's name stands in the file.
/// </remarks>
internal sealed class VolumeLock : IDisposable
{
    private const int MaxHolderBytes = 256;

    private readonly SafeFileHandle _file;
    private readonly bool _isShared;

    private VolumeLock(SafeFileHandle file, bool isShared)
    {
        _file = file;
        _isShared = isShared;
        if (!isShared)
        {
            WriteHolder();
        }
    }

    /// <summary>Takes the file over; it is closed when the lock is disposed, or cannot be had.</summary>
    public static VolumeLock Acquire(SafeFileHandle file, string path, bool isShared)
    {
        try
        {
            if (LibC.flock(file, (isShared ? LibC.LOCK_SH : LibC.LOCK_EX) | LibC.LOCK_NB) == 0)
            {
                return new VolumeLock(file, isShared);
            }

            throw Marshal.GetLastPInvokeError() == LibC.EWOULDBLOCK
                ? Busy(path, ReadHolder(file))
                : DiskErrors.Last("flock", path);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static VolumeLock AcquireOnWindows(string path, bool isShared)
    {
        SafeFileHandle? file = DiskFile.TryOpenOnWindows(
            path, create: !isShared, isReadOnly: isShared, FileShare.Read, out _);
        if (file is not null)
        {
            return new VolumeLock(file, isShared);
        }

        using SafeFileHandle reader = DiskFile.OpenOnWindows(
            path, create: false, isReadOnly: true, FileShare.ReadWrite);
        throw Busy(path, ReadHolder(reader));
    }

    public void Dispose()
    {
        if (!_isShared && !_file.IsClosed)
        {
            Write(holder: "");
        }

        _file.Dispose();
    }

    private void WriteHolder()
    {
        using Process process = Process.GetCurrentProcess();
        Write(string.Create(CultureInfo.InvariantCulture, $"{process.ProcessName} (process {process.Id})"));
    }

    /// <summary>
    /// A hint for people: losing it loses nothing, so nothing is flushed, and a disk that is full or was made
    /// read-only meanwhile does without.
    /// </summary>
    private void Write(string holder)
    {
        try
        {
            RandomAccess.SetLength(_file, 0);
            RandomAccess.Write(_file, Encoding.UTF8.GetBytes(holder), fileOffset: 0);
        }
        catch (IOException)
        {
        }
    }

    private static string? ReadHolder(SafeFileHandle file)
    {
        var bytes = new byte[MaxHolderBytes];
        int count = RandomAccess.Read(file, bytes, fileOffset: 0);
        string holder = new([.. Encoding.UTF8.GetString(bytes, 0, count).Where(c => !char.IsControl(c))]);
        return holder.Length > 0 ? holder : null;
    }

    private static KernelException Busy(string path, string? holder) => new(
        Status.Busy,
        $"the volume '{Path.GetDirectoryName(path)}' is in use by "
            + (holder ?? "another process, which reads it or has just opened it"));
}
