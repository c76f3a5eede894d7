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

    /// <summary>
    /// Makes sure that the medium has room for blocks at or beyond the end, so that writing them later cannot fail for
    /// want of it; they read as zeroes. Durable with the next <see cref="Flush"/>.
    /// </summary>
    /// <remarks>Where a disk knows no better, it writes zeroes.</remarks>
    /// <exception cref="VolumeException"><see cref="Status.NoResources"/> when the medium has not.</exception>
    void Allocate(BlockNumber first, long count)
    {
        const int ZeroesAtOnce = 64;
        ArgumentOutOfRangeException.ThrowIfLessThan(first.Value, BlockCount);
        var zeroes = new byte[(int)Math.Min(count, ZeroesAtOnce) * BlockSize];
        for (long done = 0; done < count; done += ZeroesAtOnce)
        {
            int blocks = (int)Math.Min(count - done, ZeroesAtOnce);
            WriteBlocks(new BlockNumber(first.Value + done), zeroes.AsSpan(0, blocks * BlockSize));
        }
    }

    /// <summary>The barrier: returns when every write accepted before it is durable.</summary>
    /// <exception cref="VolumeException">
    /// <see cref="Status.IoError"/>; what was accepted since the last success is then in doubt for good, and no later
    /// flush may be taken to have saved it.
    /// </exception>
    void Flush();
}
