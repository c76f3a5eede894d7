namespace Runtime.Stores.Volumes;

/// <summary>The right to make one commit. Dispose it; unless committed, nothing has happened.</summary>
internal sealed class Transaction : IDisposable
{
    private readonly BlockStore _store;
    private bool _isCommitted;
    private bool _isDisposed;

    public Transaction(BlockStore store, BlockWriter writer)
    {
        _store = store;
        Writer = writer;
        Catalogue = store.Superblock.Catalogue;
        NextContainerId = store.Superblock.NextContainerId;
    }

    public BlockWriter Writer { get; }

    public TreeRoot Catalogue { get; private set; }

    public long NextContainerId { get; set; }

    /// <summary>An update of a map, whose old versions stay, or of records, whose old ones go.</summary>
    public TreeUpdate Update(bool keepsOld) => new(_store.Reader, Writer, keepsOld);

    /// <summary>Writes a container's block, in place of the one it had.</summary>
    public void Put(ContainerEntry entry) =>
        Catalogue = Update(keepsOld: false).Set(Catalogue, entry.Id, Writer.Write(entry.Encode()));

    public void Remove(ContainerEntry entry) =>
        Catalogue = Update(keepsOld: false).Set(Catalogue, entry.Id, BlockPointer.Hole);

    public void Commit()
    {
        _store.Commit(this);
        _isCommitted = true;
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _store.End(_isCommitted);
        }
    }
}
