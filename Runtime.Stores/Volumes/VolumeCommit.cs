using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>One version in the making; the volume makes one at a time, and reads go on beside it.</summary>
/// <remarks>Dispose it; unless <see cref="Complete"/> returned, the version does not exist. Not thread safe.</remarks>
public sealed class VolumeCommit : IDisposable
{
    private readonly Volume _volume;
    private readonly Transaction _transaction;
    private readonly ContainerEntry _container;
    private readonly List<TreeEntry> _pages = [];
    private readonly VersionRecord _version;

    internal VolumeCommit(Volume volume, Transaction transaction, ContainerEntry container, VersionRecord version)
    {
        _volume = volume;
        _transaction = transaction;
        _container = container;
        _version = version;
    }

    /// <summary>
    /// Takes a page that was written in the interval; ascending, each once. A page of zeroes needs no block.
    /// </summary>
    /// <exception cref="VolumeException">
    /// <see cref="Status.NoResources"/> when the disk is full; the commit is then lost.
    /// </exception>
    public void Write(PageNumber page, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(content.Length, PageNumber.Size);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(page.Value, (ulong)PageNumber.CountFor(_version.Length));
        if (_pages.Count > 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(page.Value, _pages[^1].Index);
        }

        BlockPointer pointer = content.ContainsAnyExcept((byte)0)
            ? _transaction.Writer.Write(content)
            : BlockPointer.Hole;
        _pages.Add(new TreeEntry(page.Value, pointer));
    }

    /// <summary>Makes the version durable and returns it.</summary>
    /// <exception cref="VolumeException">It could not be saved; older versions are what they were.</exception>
    public VersionMap Complete()
    {
        TreeRoot map = _transaction.Update(keepsOld: true).Set(
            _version.Map, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pages));
        VersionRecord version = _version with { Map = map, PagesChanged = _pages.Count };
        return _volume.Complete(_transaction, _container, version);
    }

    /// <inheritdoc/>
    public void Dispose() => _transaction.Dispose();
}
