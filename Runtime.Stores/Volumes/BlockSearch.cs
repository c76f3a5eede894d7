using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Finds what leads to a block; it reads nodes and records, but no page.</summary>
/// <remarks>Damage is passed over: what only a damaged block leads to is not found.</remarks>
internal sealed class BlockSearch(BlockReader reader, CancellationToken cancellationToken)
{
    private readonly BlockSet _seen = [];
    private long _wanted;
    private FoundBlock? _found;

    /// <returns>Null if the commit does not lead to it.</returns>
    public FoundBlock? Find(Superblock superblock, BlockNumber block)
    {
        _wanted = block.Value;
        if (_wanted < Format.Superblock.Blocks)
        {
            return new FoundBlock(BlockKind.Superblock, "a copy of a superblock", BlockPointer.Hole);
        }

        Tree("the catalogue", superblock.Catalogue, Container);
        Tree(
            "free space",
            superblock.Space,
            (region, pointer) => Visit(pointer, BlockKind.Bitmap, $"the bitmap of region {region}"));
        return _found;
    }

    private void Container(ulong id, BlockPointer pointer)
    {
        if (Visit(pointer, BlockKind.Container, $"the block of container {id}") is { } block
            && ContainerEntry.Decode(block.Bytes) is { } container)
        {
            Tree(
                $"the versions of '{container.Name}'",
                container.Versions,
                (index, versions) => Versions(container, index, versions));
        }
    }

    private void Versions(ContainerEntry container, ulong index, BlockPointer pointer)
    {
        ulong first = index * Format.ContainerVersion.PerBlock;
        ulong last = first + Format.ContainerVersion.PerBlock - 1;
        string role = $"the versions of '{container.Name}' in the places {first} to {last}";
        if (Visit(pointer, BlockKind.Versions, role) is not { } block)
        {
            return;
        }

        for (int i = 0; i < Format.ContainerVersion.PerBlock; i++)
        {
            ReadOnlySpan<byte> bytes = block.Bytes.Slice(
                i * Format.ContainerVersion.Size, Format.ContainerVersion.Size);
            var id = new VersionId(container.Id, first + (ulong)i);
            if (VersionRecord.IsAny(bytes) && VersionRecord.Decode(bytes, id) is { } version)
            {
                string name = $"interval {id.Interval} of '{container.Name}'";
                Tree(
                    $"the map of {name}",
                    version.Map,
                    (page, leaf) => Visit(leaf, BlockKind.Page, $"page {page} of {name}"));
                DeadList($"the dead list of {name}", version.Dead.First);
            }
        }
    }

    private void DeadList(string role, BlockPointer pointer)
    {
        while (!pointer.IsHole && Visit(pointer, BlockKind.DeadList, role) is { } block)
        {
            pointer = BlockPointer.Read(block.Bytes[Format.DeadBlock.Next..]);
        }
    }

    private void Tree(string name, TreeRoot root, Action<ulong, BlockPointer> leaf) =>
        Subtree(name, root.Pointer, root.Height, first: 0, leaf);

    private void Subtree(
        string name, BlockPointer pointer, int height, ulong first, Action<ulong, BlockPointer> leaf)
    {
        if (_found is not null || pointer.IsHole)
        {
            return;
        }

        if (height == 0)
        {
            leaf(first, pointer);
            return;
        }

        if (Visit(pointer, BlockKind.Node, $"a node of level {height} of {name}, from {first} on") is not { } node)
        {
            return;
        }

        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            ulong firstOfSlot = first + ((ulong)slot * TreeRoot.Capacity(height - 1));
            Subtree(name, node.Child(slot), height - 1, firstOfSlot, leaf);
        }
    }

    /// <returns>The block, if the search goes on below it.</returns>
    private CachedBlock? Visit(BlockPointer pointer, BlockKind kind, string role)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_found is not null || pointer.IsHole)
        {
            return null;
        }

        if (pointer.Block == _wanted)
        {
            _found = new FoundBlock(kind, role, pointer);
            return null;
        }

        if (kind is BlockKind.Page or BlockKind.Bitmap || pointer.Block >= reader.End || !_seen.Add(pointer.Block))
        {
            return null;
        }

        try
        {
            return reader.ReadCached(pointer);
        }
        catch (VolumeException)
        {
            return null;
        }
    }
}
