using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>One version of a container, open for reading its pages.</summary>
/// <remarks>
/// Thread safe, without a lock across reads. It stays what it is while later versions are committed; once its container
/// is deleted, reads fail.
/// </remarks>
public sealed class VersionMap
{
    private readonly BlockStore _store;
    private readonly TreeRoot _root;

    internal VersionMap(BlockStore store, ulong interval, long length, TreeRoot root)
    {
        _store = store;
        _root = root;
        Interval = new StateInterval(interval);
        Length = length;

        // The root comes out of a verified record; what it says must still be possible before anything follows it.
        store.Reader.Check(root.Pointer, holder: BlockReader.Record);
    }

    /// <summary>The interval whose end it shows; 0 for a container without versions, which reads as zeroes.</summary>
    public StateInterval Interval { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>
    /// Fills <paramref name="destination"/>, one page, with the page's bytes, verified; zeroes where there is none.
    /// </summary>
    /// <remarks>
    /// Allocates nothing when the nodes that lead to the page were read lately, and one block per node otherwise.
    /// </remarks>
    /// <returns>Whether the volume has a block for the page.</returns>
    /// <exception cref="VolumeException"><see cref="Status.IoError"/>, naming the block that is damaged.</exception>
    public bool ReadPage(PageNumber page, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, PageNumber.Size);
        _store.ThrowIfDisposed();
        BlockPointer pointer = _store.Reader.Find(_root, page.Value);
        if (pointer.IsHole)
        {
            destination.Clear();
            return false;
        }

        try
        {
            _store.Reader.Read(pointer, destination);
            return true;
        }
        catch
        {
            // Bytes that failed their checksum must not be taken for data by anyone who catches this.
            destination.Clear();
            throw;
        }
    }
}
