namespace Runtime.Stores.Volumes;

/// <summary>The versions that one commit looks at and changes, and how they descend from one another.</summary>
/// <remarks>Not thread safe. Nothing is written before <see cref="Write(BlockWriter, long)"/>.</remarks>
internal sealed class VersionGraph(BlockReader reader, Transaction transaction)
{
    // Null: it is gone.
    private readonly Dictionary<VersionId, VersionRecord?> _loaded = [];
    private readonly HashSet<VersionId> _changed = [];

    /// <summary>The version, hidden or not; null if there is none.</summary>
    public VersionRecord? Find(VersionId id)
    {
        if (_loaded.TryGetValue(id, out VersionRecord? known))
        {
            return known;
        }

        VersionRecord? found = id.IsNone || transaction.Find(id.Container) is not { } container
            ? null
            : VersionTable.Find(reader, container, id.Interval);
        _loaded.Add(id, found);
        return found;
    }

    /// <exception cref="Core.VolumeException">There is none, although another one leads to it.</exception>
    public VersionRecord Get(VersionId id) => Find(id) ?? throw NotThere(id);

    /// <summary>The version that another one follows; null if it follows none.</summary>
    /// <exception cref="Core.VolumeException">
    /// The parent is not older: without this versions could follow one another in a circle.
    /// </exception>
    public VersionRecord? ParentOf(VersionRecord version)
    {
        if (version.Parent.IsNone)
        {
            return null;
        }

        VersionRecord parent = Get(version.Parent);
        return parent.Birth < version.Birth ? parent : throw Wrong(version.Id, "does not follow its parent");
    }

    /// <summary>Puts a version in the place that its id names.</summary>
    public void Put(VersionRecord version)
    {
        _loaded[version.Id] = version;
        _changed.Add(version.Id);
    }

    /// <summary>Adds a version; its <see cref="VersionRecord.Parent"/> gets it as its first child.</summary>
    public void Add(VersionRecord version)
    {
        if (!version.Parent.IsNone)
        {
            VersionRecord parent = Get(version.Parent);
            if (!parent.FirstChild.IsNone)
            {
                Put(Child(parent, parent.FirstChild) with { PreviousSibling = version.Id });
                version = version with { NextSibling = parent.FirstChild };
            }

            Put(parent with { FirstChild = version.Id });
        }

        Put(version);
        transaction.CountVersion(version.Id.Container, +1);
    }

    /// <summary>The child that a version names; it must name the version, too.</summary>
    public VersionRecord Child(VersionRecord parent, VersionId id)
    {
        VersionRecord child = Get(id);
        return child.Parent == parent.Id && child.Birth > parent.Birth
            ? child
            : throw Wrong(id, $"is no child of {parent.Id}");
    }

    /// <summary>Takes a version without children out.</summary>
    public void RemoveTip(VersionRecord version)
    {
        if (ParentOf(version) is { } parent)
        {
            if (parent.FirstChild == version.Id)
            {
                Put(parent with { FirstChild = version.NextSibling });
            }

            Relink(parent, version, behindPrevious: version.NextSibling, beforeNext: version.PreviousSibling);
        }

        Remove(version.Id);
    }

    /// <summary>Takes a version out that one other follows, which takes its place.</summary>
    public void RemoveBetween(VersionRecord version, VersionRecord child)
    {
        if (ParentOf(version) is { } parent)
        {
            if (parent.FirstChild == version.Id)
            {
                Put(parent with { FirstChild = child.Id });
            }

            Relink(parent, version, behindPrevious: child.Id, beforeNext: child.Id);
        }

        Put(child with
        {
            Parent = version.Parent,
            NextSibling = version.NextSibling,
            PreviousSibling = version.PreviousSibling,
        });
        Remove(version.Id);
    }

    /// <summary>Writes the blocks of the changed versions and brings their containers' entries up to date.</summary>
    public void Write(BlockWriter writer, long birth)
    {
        foreach (IGrouping<ulong, VersionId> ofContainer in _changed.GroupBy(id => id.Container))
        {
            ContainerEntry container = transaction.Get(ofContainer.Key);
            var entries = new List<TreeEntry>();
            foreach (IGrouping<ulong, VersionId> ofBlock in ofContainer
                .GroupBy(id => VersionTable.Place(id.Interval).Index)
                .OrderBy(group => group.Key))
            {
                entries.Add(new TreeEntry(ofBlock.Key, Write(writer, birth, container, ofBlock.Key, ofBlock)));
            }

            var update = new TreeUpdate(reader, writer, birth, superseded: old => writer.Free(old.Block));
            TreeRoot versions = update.Set(
                container.Versions, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(entries));
            transaction.Put(container with { Versions = versions });
        }
    }

    private BlockPointer Write(
        BlockWriter writer, long birth, ContainerEntry container, ulong index, IEnumerable<VersionId> changed)
    {
        var block = new byte[Format.BlockSize];
        BlockPointer old = reader.Find(container.Versions, index);
        if (!old.IsHole)
        {
            reader.ReadCached(old).Bytes.CopyTo(block);
        }

        foreach (VersionId id in changed)
        {
            Span<byte> place = block.AsSpan(VersionTable.Place(id.Interval).Offset, Format.ContainerVersion.Size);
            place.Clear();
            _loaded[id]?.Encode(place);
        }

        return block.AsSpan().ContainsAnyExcept((byte)0) ? writer.Write(block, birth) : BlockPointer.Hole;
    }

    /// <summary>The siblings of one that goes get others beside them.</summary>
    private void Relink(VersionRecord parent, VersionRecord gone, VersionId behindPrevious, VersionId beforeNext)
    {
        if (!gone.PreviousSibling.IsNone)
        {
            Put(Child(parent, gone.PreviousSibling) with { NextSibling = behindPrevious });
        }

        if (!gone.NextSibling.IsNone)
        {
            Put(Child(parent, gone.NextSibling) with { PreviousSibling = beforeNext });
        }
    }

    private void Remove(VersionId id)
    {
        _loaded[id] = null;
        _changed.Add(id);
        transaction.CountVersion(id.Container, -1);
    }

    private Core.VolumeException NotThere(VersionId id) => Wrong(id, "is not there, although another leads to it");

    private Core.VolumeException Wrong(VersionId id, string what) => new(
        Core.Status.IoError,
        $"the volume is damaged: {id} ('{transaction.Find(id.Container)?.Name}') {what}");
}
