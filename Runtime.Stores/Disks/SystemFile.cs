using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Runtime.Stores.Disks.Linux;
using Runtime.Stores.Disks.Windows;

namespace Runtime.Stores.Disks;

/// <summary>A file of the system.</summary>
internal sealed class SystemFile(SafeFileHandle handle) : IFile
{
    /// <summary>The call behind <see cref="Flush()"/>.</summary>
    public static string FlushCall => OperatingSystem.IsWindows() ? "FlushFileBuffers" : "fdatasync";

    public bool IsClosed => handle.IsClosed;

    public long Length => RandomAccess.GetLength(handle);

    public int Read(long offset, Span<byte> destination) => RandomAccess.Read(handle, destination, offset);

    public int Write(long offset, ReadOnlySpan<byte> source)
    {
        // .NET itself goes on after a short write.
        RandomAccess.Write(handle, source, offset);
        return source.Length;
    }

    public void SetLength(long length) => RandomAccess.SetLength(handle, length);

    public int Allocate(long offset, long byteLength) =>
        LibC.fallocate(handle, mode: 0, offset, byteLength) == 0 ? 0 : Marshal.GetLastPInvokeError();

    public int Flush() => Flush(handle);

    /// <returns>The system's number of the error; 0 for none.</returns>
    internal static int Flush(SafeFileHandle handle)
    {
        // fdatasync also writes the length when the file has grown: without it the data could not be read.
        bool isDone = OperatingSystem.IsWindows() ? Kernel32.FlushFileBuffers(handle) : LibC.fdatasync(handle) == 0;
        return isDone ? 0 : Marshal.GetLastPInvokeError();
    }

    public void ThrowUnlessOurs(string path) => FileOwner.ThrowUnlessOurs(handle, path);

    public void Dispose() => handle.Dispose();
}
