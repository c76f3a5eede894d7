using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Runtime.Bench.Storage;

/// <summary>Whether the system has a file in its memory already, which decides what a read costs.</summary>
internal static class PageCache
{
    private const int Chunk = 1 << 20;

    /// <summary>Makes a file durable and has the system forget its content.</summary>
    internal static void Forget(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Flush(file);
        int error = LibC.posix_fadvise(file, offset: 0, len: 0, advice: LibC.POSIX_FADV_DONTNEED);
        if (error != 0)
        {
            throw new IOException($"posix_fadvise failed on '{path}' (errno {error})");
        }
    }

    /// <summary>Has the system read a file.</summary>
    internal static void Fill(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path, share: FileShare.ReadWrite);
        byte[] buffer = new byte[Chunk];
        for (long offset = 0; RandomAccess.Read(file, buffer, offset) is > 0 and var count; offset += count)
        {
        }
    }

    /// <summary>What .NET's own flush does, except that it does not hide a failure.</summary>
    internal static void Flush(SafeFileHandle file)
    {
        if (LibC.fdatasync(file) != 0)
        {
            throw new IOException($"fdatasync failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
