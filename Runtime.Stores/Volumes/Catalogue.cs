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

    public static Catalogue Load(BlockReader reader, Superblock superblock)
    {
        var catalogue = new Catalogue();
        new Loader(reader, catalogue).Catalogue(superblock);
        return catalogue;
    }

    /// <exception cref="VolumeException">Some container's block is damaged.</exception>
    public IEnumerable<ContainerEntry> All() =>
        _damage is null ? _byId.Values : throw new VolumeException(_damage.Status, _damage.Message, _damage);

    /// <returns>Null if there is none of that name.</returns>
    /// <exception cref="VolumeException">
    /// It is not among the sound ones, and some container's block is damaged.
    /// </exception>
    public ContainerEntry? Find(string name)
    {
        if (_ids.TryGetValue(name, out ulong id))
        {
            return _byId[id];
        }

        return _damage is null ? null : throw new VolumeException(_damage.Status, _damage.Message, _damage);
    }

    public ContainerEntry? Find(ulong id) => _byId.GetValueOrDefault(id);

    public void Put(ContainerEntry entry)
    {
        _byId[entry.Id] = entry;
        _ids[entry.Name] = entry.Id;
    }

    public void Remove(ContainerEntry entry)
    {
        _byId.Remove(entry.Id);
        _ids.Remove(entry.Name);
    }

    private sealed class Loader(BlockReader reader, Catalogue catalogue) : BlockWalk(reader)
    {
        protected override bool Entered(ContainerEntry container, BlockPointer pointer)
        {
            if (catalogue._ids.ContainsKey(container.Name))
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
