using System.Runtime.InteropServices;
using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>The right to make one commit. Dispose it; unless committed, nothing has happened.</summary>
internal sealed class Transaction : IDisposable
{
    private readonly BlockStore _store;
    private readonly Func<ulong, ContainerEntry?> _catalogue;

    // Null: it is gone. Ordered, since the catalogue's tree is written in one pass.
    private readonly SortedDictionary<ulong, ContainerEntry?> _changed = [];
    private readonly List<IReadOnlyCollection<long>> _adopted = [];
    private bool _isCommitted;
    private bool _isDisposed;

    /// <param name="store">Whose commit it is.</param>
    /// <param name="writer">Writes what is new.</param>
    /// <param name="birth">Of its records, and of a version that it makes itself; above all births of drafts.</param>
    /// <param name="catalogue">Looks a container up as the newest commit has it.</param>
    public Transaction(BlockStore store, BlockWriter writer, long birth, Func<ulong, ContainerEntry?> catalogue)
    {
        _store = store;
        _catalogue = catalogue;
        Writer = writer;
        Birth = birth;
        Versions = new VersionGraph(store.Reader, this);
        DeadLists = new DeadListWriter(store.Reader, writer, birth);
        NextContainerId = store.Superblock.NextContainerId;
    }

    public BlockWriter Writer { get; }

    public long Birth { get; }

    public VersionGraph Versions { get; }

    public DeadListWriter DeadLists { get; }

    public long NextContainerId { get; private set; }

    /// <summary>By how much the entries of all dead lists grow.</summary>
    public long DeadDelta { get; set; }

    /// <summary>What the commit makes of containers, by id; null for one that is gone.</summary>
    public IReadOnlyDictionary<ulong, ContainerEntry?> Changed => _changed;

    /// <summary>The blocks of drafts that the commit makes its own.</summary>
    public IReadOnlyList<IReadOnlyCollection<long>> Adopted => _adopted;

    /// <summary>A container as the commit has it so far, deleted ones included; null if there is none.</summary>
    public ContainerEntry? Find(ulong id) =>
        _changed.TryGetValue(id, out ContainerEntry? changed) ? changed : _catalogue(id);

    /// <exception cref="VolumeException">There is none, although something leads to it.</exception>
    public ContainerEntry Get(ulong id) => Find(id) ?? throw new VolumeException(
        Status.IoError, $"the volume is damaged: container {id} is not there, although versions lead to it");

    public void Put(ContainerEntry entry) => _changed[entry.Id] = entry;

    public ulong NewContainerId()
    {
        if (NextContainerId >= (long)TreeRoot.Capacity(Format.Tree.MaxHeight))
        {
            throw new VolumeException(Status.NoResources, "the volume has used up its container ids");
        }

        return (ulong)NextContainerId++;
    }

    /// <summary>An id that another volume gave out is not given out here.</summary>
    public void ReserveContainerId(ulong id) => NextContainerId = Math.Max(NextContainerId, (long)id + 1);

    /// <summary>A container has a version more or less; a deleted one goes with its last.</summary>
    public void CountVersion(ulong container, int difference)
    {
        ContainerEntry entry = Get(container);
        Put(entry with { VersionCount = entry.VersionCount + difference });
    }

    public void Adopt(IReadOnlyCollection<long> blocks) => _adopted.Add(blocks);

    /// <summary>Writes the records and makes the commit durable.</summary>
    public void Commit()
    {
        Versions.Write(Writer, Birth);
        var entries = new List<TreeEntry>();
        foreach (ulong id in _changed.Keys.ToList())
        {
            ContainerEntry? entry = _changed[id];
            if (entry is { IsDeleted: true, VersionCount: 0 })
            {
                _changed[id] = entry = null;
            }

            BlockPointer pointer = entry is null ? BlockPointer.Hole : Writer.Write(entry.Encode(), Birth);
            entries.Add(new TreeEntry(id, pointer));
        }

        BlockReader reader = _store.Reader;
        reader.Check(_store.Superblock.Catalogue.Pointer, _store.Superblock.Holder);
        var update = new TreeUpdate(reader, Writer, Birth, superseded: old => Writer.Free(old.Block));
        TreeRoot catalogue = update.Set(_store.Superblock.Catalogue, CollectionsMarshal.AsSpan(entries));
        _store.Commit(this, catalogue);
        _isCommitted = true;
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _store.End(this, _isCommitted);
        }
    }
}
