using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Stores.Volumes;

/// <summary>Containers and all their versions on a disk, each commit of which happens wholly or not at all.</summary>
/// <remarks>
/// Thread safe: one commit at a time, reads and drafts beside it. Blocks are written to free space only, then flushed,
/// then a superblock leads to them (docs/format.md). A failed flush closes the volume for writing for good; reads go
/// on. Damage is a <see cref="VolumeException"/> that names the block, never another version's bytes.
/// </remarks>
public sealed partial class Volume : IVolume
{
    private readonly BlockStore _store;
    private readonly VolumeDirectory? _home;
    private readonly VolumeLog _log;
    private readonly VolumeSpill _spill;
    private readonly OpenVersions _open = new();
    private readonly CommitGroup _commits = new();
    private readonly Lock _gate = new();

    // Guarded by _gate; null until needed, since damage in it must not keep the volume from being opened, and while the
    // medium fails to read it.
    private Catalogue? _catalogue;

    private Volume(BlockStore store, VolumeDirectory? home)
    {
        _store = store;
        _home = home;
        _log = new VolumeLog(home, store.IsReadOnly);
        _spill = new VolumeSpill(store);
    }

    /// <summary>Whether commits are refused: opened so, or closed for writing after a failed flush.</summary>
    public bool IsReadOnly => _store.IsReadOnly || _store.Failure is not null;

    /// <inheritdoc/>
    public IReadOnlyList<ContainerRecord> Containers =>
        WithCatalogue(catalogue => catalogue.All()
            .Select(entry => entry.Record)
            .OrderBy(r => r.Name, StringComparer.Ordinal)
            .ToList());

    /// <inheritdoc/>
    public ContainerRecord? Find(string name) => WithCatalogue(catalogue => catalogue.Find(name))?.Record;

    /// <inheritdoc/>
    /// <remarks>
    /// In the file <c>kernel.log</c>, which is made when it is first asked for by who may write; disposed with the
    /// volume. A volume on a disk that is no directory has none.
    /// </remarks>
    public IKernelLog? KernelLog => _log.Open();

    /// <inheritdoc/>
    /// <remarks>In free blocks: no record, no version and no backup knows of them.</remarks>
    public ISpill? Spill => _store.IsReadOnly ? null : _spill;

    /// <summary>How the volume's blocks are used.</summary>
    public VolumeStatistics Statistics
    {
        get
        {
            _store.ThrowIfDisposed();
            Superblock newest = _store.Superblock;
            return new VolumeStatistics(
                newest.End,
                newest.BlocksInUse,
                Math.Max(0, _store.Space.Available),
                newest.BlocksDead,
                SpaceLayout.Reserve(newest.End));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log.Dispose();
        _store.Dispose();
        _home?.Dispose();
    }

    private ContainerEntry Entry(ContainerRecord container)
    {
        ArgumentNullException.ThrowIfNull(container);
        return WithCatalogue(catalogue => catalogue.Find(container.Id)) is { IsDeleted: false } entry
            ? entry
            : throw new KernelException(
                Status.ContainerGone, $"there is no container '{container.Name}' (id {container.Id})");
    }

    private T WithCatalogue<T>(Func<Catalogue, T> read)
    {
        using BlockStore.ReadPin pin = _store.Pin();
        lock (_gate)
        {
            Catalogue catalogue = _catalogue ?? Catalogue.Load(_store.Reader, _store.Superblock);
            _catalogue = catalogue.MayBeMore ? null : catalogue;
            return read(catalogue);
        }
    }
}
