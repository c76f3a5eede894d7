namespace Runtime.Core.Disks;

/// <summary>A row of 4 KiB blocks that outlives the process, and the only way of a volume to its medium.</summary>
/// <remarks>
/// Reads and writes may be made by several threads at once, to different blocks. A write is durable after the next
/// <see cref="Flush"/> that begins later and succeeds; until then a power cut may leave any sector of it old or new.
/// Failures are <see cref="VolumeException"/>.
/// </remarks>
public interface IDisk : IDisposable
{
    /// <summary>Bytes in a block: 4,096.</summary>
    const int BlockSize = 4096;

    /// <summary>How many blocks the disk holds now; writing beyond them extends it.</summary>
    long BlockCount { get; }

    /// <summary>Whether writes are refused.</summary>
    bool IsReadOnly { get; }

    /// <summary>
    /// Fills <paramref name="destination"/>, a whole number of blocks, from <paramref name="first"/> on.
    /// </summary>
    /// <exception cref="VolumeException">
    /// <see cref="Status.OutOfRange"/> beyond the end, <see cref="Status.IoError"/> when the medium fails.
    /// </exception>
    void ReadBlocks(BlockNumber first, Span<byte> destination);

    /// <summary>
    /// Accepts <paramref name="source"/>, a whole number of blocks; durable only after the next <see cref="Flush"/>.
    /// </summary>
    /// <exception cref="VolumeException">
    /// <see cref="Status.NoResources"/> when the medium is full, <see cref="Status.IoError"/> when it fails.
    /// </exception>
    void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source);

    /// <summary>The barrier: returns when every write accepted before it is durable.</summary>
    /// <exception cref="VolumeException">
    /// <see cref="Status.IoError"/>; what was accepted since the last success is then in doubt for good, and no later
    /// flush may be taken to have saved it.
    /// </exception>
    void Flush();
}
