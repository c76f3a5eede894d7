using Microsoft.Win32.SafeHandles;
using Runtime.Core;

namespace Runtime.Stores.Disks;

/// <summary>Puts what was written to a file on the medium, and says so if that fails.</summary>
/// <remarks>
/// <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> of .NET 10 report success when the system refuses.
/// </remarks>
public static class FileFlush
{
    /// <summary>
    /// Waits until the content and length of a file survive power loss; its name is its directory's business.
    /// </summary>
    /// <param name="file">A file opened for writing; it stays the caller's.</param>
    /// <param name="path">For the error.</param>
    /// <exception cref="VolumeException">
    /// The system refuses. What of the content is on the medium is not known then, and no later call is to be believed.
    /// </exception>
    public static void ToDisk(SafeFileHandle file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);
        int error = SystemFile.Flush(file);
        if (error != 0)
        {
            throw DiskErrors.For(SystemFile.FlushCall, path, error);
        }
    }
}
