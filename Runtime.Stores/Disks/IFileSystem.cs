using Microsoft.Win32.SafeHandles;

namespace Runtime.Stores.Disks;

/// <summary>The calls of the system that bring a volume's names into being and make them durable.</summary>
/// <remarks>A seam like <see cref="IFile"/>. Failures are <see cref="Core.VolumeException"/>.</remarks>
internal interface IFileSystem
{
    bool FileExists(string path);

    bool DirectoryExists(string path);

    /// <summary>Makes one directory, whose parent exists; none if it exists itself.</summary>
    /// <param name="path">Which.</param>
    /// <param name="isOwnerOnly">Whether nobody else may enter it; on Windows its parent decides.</param>
    void CreateDirectory(string path, bool isOwnerOnly);

    /// <param name="directory">
    /// The file's directory if it is open, so that nobody can put another one in between; null on Windows.
    /// </param>
    /// <param name="path">Which.</param>
    /// <param name="create">Whether it is created, empty, if absent.</param>
    /// <param name="isReadOnly">Whether it is opened for reading only.</param>
    IFile OpenFile(SafeFileHandle? directory, string path, bool create, bool isReadOnly);

    /// <summary>
    /// Makes the names in a directory durable. NTFS keeps names in its own log: nothing happens on Windows.
    /// </summary>
    /// <param name="directory">It, if it is open; null on Windows.</param>
    /// <param name="path">Which.</param>
    void FlushDirectory(SafeFileHandle? directory, string path);
}
