using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>
/// One version of a container, open for reading its pages; while it is, the version is not discarded.
/// </summary>
/// <remarks>
/// Thread safe, without a lock across reads. It stays what it is while later versions are committed. Dispose it: until
/// then the version answers <see cref="Status.Busy"/> to <see cref="Volume.Discard"/>, and its container to
/// <see cref="Volume.Delete"/>.
/// </remarks>
public sealed partial class VersionMap : IDisposable
{
    private readonly BlockStore _store;
    private readonly TreeRoot _root;
    private readonly OpenVersions? _open;
    private readonly VersionId _id;
    private int _isDisposed;

    /// <param name="store">Where its blocks are.</param>
    /// <param name="version">Which; null for a container without versions.</param>
    /// <param name="id">Of the version, with an interval of 0 if there is none.</param>
    /// <param name="length">Of the container.</param>
    /// <param name="open">Where it was counted as open; null if something else holds the version.</param>
    internal VersionMap(BlockStore store, VersionRecord? version, VersionId id, long length, OpenVersions? open)
    {
        _store = store;
        _root = version?.Map ?? TreeRoot.Empty;
        _open = open;
        _id = id;
        Birth = version?.Birth ?? 0;
        Length = length;

        // The root comes out of a verified record; what it says must still be possible before anything follows it.
        store.Reader.Check(_root.Pointer, holder: BlockReader.Record);
    }

    /// <summary>The interval whose end it shows; 0 for a container without versions, which reads as zeroes.</summary>
    public StateInterval Interval => new(_id.Interval);

    /// <summary>Bytes.</summary>
    public long Length { get; }

    internal long Birth { get; }

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
        return ReadPages(page, destination);
    }

    /// <summary>
    /// Fills <paramref name="destination"/> with whole pages from <paramref name="first"/> on; blocks that stand side
    /// by side come with one read.
    /// </summary>
    /// <returns>Whether the volume has a block for any of them.</returns>
    /// <exception cref="VolumeException"><see cref="Status.IoError"/>, naming the block that is damaged.</exception>
    public bool ReadPages(PageNumber first, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length % PageNumber.Size, 0);
        ThrowIfDisposed();
        int most = Math.Min(destination.Length / PageNumber.Size, PageRuns.AtOnce);
        Span<BlockPointer> pointers = stackalloc BlockPointer[most];
        bool any = false;
        for (int done = 0; done < destination.Length; done += pointers.Length * PageNumber.Size)
        {
            int end = Math.Min(destination.Length, done + (pointers.Length * PageNumber.Size));
            Span<byte> part = destination[done..end];
            Span<BlockPointer> pages = pointers[..(part.Length / PageNumber.Size)];
            try
            {
                Locate(first.Value + (ulong)(done / PageNumber.Size), pages);
                PageRuns.Read(_store.Reader, pages, part);
            }
            catch
            {
                // Bytes that failed their checksum must not be taken for data by anyone who catches this.
                destination.Clear();
                throw;
            }

            any |= pages.ContainsAnyExcept(BlockPointer.Hole);
        }

        return any;
    }

    /// <summary>The version may be discarded again.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _open?.Close(_id);
        }
    }

    internal void Locate(ulong first, Span<BlockPointer> pages) => _store.Reader.Find(_root, first, pages);

    private void ThrowIfDisposed()
    {
        _store.ThrowIfDisposed();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
    }
}
