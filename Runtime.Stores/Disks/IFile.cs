namespace Runtime.Stores.Disks;

/// <summary>The calls of the system that a disk makes on its file, one each and no more.</summary>
/// <remarks>
/// A seam: tests put a file below <see cref="FileDisk"/> that answers as the system may. Thread safe. What .NET calls
/// fails as .NET does, with an <see cref="IOException"/> whose <see cref="Exception.HResult"/> has the number; our own
/// calls return it.
/// </remarks>
internal interface IFile : IDisposable
{
    bool IsClosed { get; }

    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <returns>How many bytes were read: fewer than asked for, too; 0 only at the end.</returns>
    int Read(long offset, Span<byte> destination);

    /// <returns>How many bytes were accepted: fewer than offered, too, but not 0.</returns>
    int Write(long offset, ReadOnlySpan<byte> source);

    void SetLength(long length);

    /// <summary>Makes sure that the medium has room. Linux only.</summary>
    /// <returns>0, or the number of the error.</returns>
    int Allocate(long offset, long byteLength);

    /// <summary>Makes what was accepted, and the length, durable.</summary>
    /// <returns>0, or the number of the error.</returns>
    int Flush();

    /// <exception cref="Core.VolumeException">It is somebody else's, or others may write it.</exception>
    void ThrowUnlessOurs(string path);
}
