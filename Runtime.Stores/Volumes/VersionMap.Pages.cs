using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <content>Which pages it has, without reading them.</content>
public sealed partial class VersionMap
{
    /// <summary>The pages for which the volume has a block, ascending; all others read as zeroes.</summary>
    /// <remarks>
    /// Reads what leads to the pages while it is enumerated, and only as long as the version is open.
    /// </remarks>
    /// <exception cref="VolumeException"><see cref="Status.IoError"/>, naming the block that is damaged.</exception>
    public IEnumerable<PageNumber> StoredPages()
    {
        ThrowIfDisposed();
        return PageDifference.Of(_store.Reader, _root, TreeRoot.Empty, PageCount);
    }

    /// <summary>
    /// The pages for which the volume has another block in another version, ascending: those that were written between
    /// the two, even if with the same bytes. What the two share is not looked at.
    /// </summary>
    /// <param name="other">Of the same volume; of the same container, or a clone's.</param>
    /// <remarks>Reads what leads to the pages while it is enumerated, and only as long as both are open.</remarks>
    /// <exception cref="ArgumentException">The other version is of another volume.</exception>
    /// <exception cref="VolumeException"><see cref="Status.IoError"/>, naming the block that is damaged.</exception>
    public IEnumerable<PageNumber> DifferingPages(VersionMap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._store != _store)
        {
            throw new ArgumentException("the other version is of another volume", nameof(other));
        }

        ThrowIfDisposed();
        other.ThrowIfDisposed();
        return PageDifference.Of(_store.Reader, _root, other._root, Math.Max(PageCount, other.PageCount));
    }

    private ulong PageCount => (ulong)PageNumber.CountFor(Length);
}
