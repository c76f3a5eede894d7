using System.Runtime.InteropServices;

namespace Runtime.Bench.Storage;

// fcntl.h, unistd.h
internal static partial class LibC
{
    internal const int POSIX_FADV_DONTNEED = 4;

    private const string Library = "libc";

    /// <returns>The error number itself.</returns>
    [LibraryImport(Library)]
    internal static partial int posix_fadvise(SafeHandle fd, long offset, long len, int advice);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int fdatasync(SafeHandle fd);
}
