using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>The containers of the newest commit, in memory.</summary>
/// <remarks>
/// Not thread safe; the volume's gate guards it. A container whose block is damaged is missing: the others can be
/// used, but nobody is told that a name is free, or that these are all.
/// </remarks>
internal sealed class Catalogue
{
    private readonly Dictionary<ulong, ContainerEntry> _byId = [];
    private readonly Dictionary<string, ulong> _ids = new(StringComparer.Ordinal);
    private VolumeException? _damage;

    /// <summary>Whether loading it again could find more: the medium failed, perhaps only once.</summary>
    public bool MayBeMore => _damage is not null && !Damage.IsReasonOf(_damage);

    public static Catalogue Load(BlockReader reader, Superblock superblock)
    {
        var catalogue = new Catalogue();
        new Loader(reader, catalogue).Catalogue(superblock);
        return catalogue;
    }

    /// <exception cref="VolumeException">Some container's block is damaged.</exception>
    public IEnumerable<ContainerEntry> All() =>
        _damage is null
            ? _byId.Values.Where(entry => !entry.IsDeleted)
            : throw new VolumeException(_damage.Status, _damage.Message, _damage);

    /// <returns>Null if there is none of that name.</returns>
    /// <exception cref="VolumeException">
    /// It is not among the sound ones, and some container's block is damaged or could not be read.
    /// </exception>
    public ContainerEntry? Find(string name)
    {
        if (_ids.TryGetValue(name, out ulong id))
        {
            return _byId[id];
        }

        return _damage is null ? null : throw new VolumeException(_damage.Status, _damage.Message, _damage);
    }

    /// <summary>Also finds one that was deleted and stays for others.</summary>
    /// <inheritdoc cref="Find(string)"/>
    public ContainerEntry? Find(ulong id)
    {
        if (_byId.TryGetValue(id, out ContainerEntry? entry))
        {
            return entry;
        }

        return _damage is null ? null : throw new VolumeException(_damage.Status, _damage.Message, _damage);
    }

    /// <summary>Takes over what a commit has made of some containers.</summary>
    /// <param name="changes">By id; null for one that is gone.</param>
    public void Apply(IReadOnlyDictionary<ulong, ContainerEntry?> changes)
    {
        // Names go before they come: one container may have taken another's.
        foreach (ulong id in changes.Keys)
        {
            if (_byId.Remove(id, out ContainerEntry? old) && !old.IsDeleted)
            {
                _ids.Remove(old.Name);
            }
        }

        foreach (ContainerEntry entry in changes.Values.OfType<ContainerEntry>())
        {
            Put(entry);
        }
    }

    private void Put(ContainerEntry entry)
    {
        _byId[entry.Id] = entry;
        if (!entry.IsDeleted)
        {
            _ids[entry.Name] = entry.Id;
        }
    }

    private sealed class Loader(BlockReader reader, Catalogue catalogue) : BlockWalk(reader)
    {
        protected override bool Entered(ContainerEntry container, BlockPointer pointer)
        {
            if (!container.IsDeleted && catalogue._ids.ContainsKey(container.Name))
            {
                throw Damage.At(pointer.Block, $"a second container is named '{container.Name}'");
            }

            catalogue.Put(container);
            return false;
        }

        protected override void Damaged(long block, PageNumber? page, VolumeException damage) =>
            catalogue._damage ??= damage;
    }
}
