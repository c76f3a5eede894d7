using System.Buffers;

namespace Runtime.Stores.Volumes;

/// <summary>Discards versions: frees what they alone have, and hides those that several lines leave.</summary>
/// <remarks>
/// Along a line, from a version to the one that follows it, a block is on the younger one's dead list if it is in the
/// older and not in the younger. A version that one other follows goes by merging two lists; one that nobody follows
/// by a walk of its map, pruned where its parent's begins.
/// </remarks>
internal sealed class VersionPruning(BlockReader reader, Transaction transaction)
{
    private readonly VersionGraph _versions = transaction.Versions;

    /// <param name="discarded">Each hidden or removed; none is a container's head or open.</param>
    public void Discard(IEnumerable<VersionRecord> discarded)
    {
        List<VersionRecord> ordered = [.. discarded.OrderBy(version => version.Birth)];
        foreach (VersionRecord version in ordered)
        {
            _versions.Put(_versions.Get(version.Id) with { IsHidden = true });
        }

        // Tips first, from the youngest on: a branch that goes whole then needs no list to be merged. What is left
        // goes from the oldest on, so that no entry is carried from list to list.
        foreach (VersionRecord version in Enumerable.Reverse(ordered))
        {
            RemoveTips(version.Id);
        }

        foreach (VersionRecord version in ordered)
        {
            RemoveBetween(version.Id);
        }
    }

    /// <summary>The version and those before it, while they are hidden and nobody follows them.</summary>
    private void RemoveTips(VersionId id)
    {
        while (_versions.Find(id) is { IsHidden: true, FirstChild.IsNone: true } tip)
        {
            VersionRecord? parent = _versions.ParentOf(tip);
            FreeMap(tip.Map, parent?.Birth ?? 0);
            transaction.DeadLists.Drop(tip.Dead);
            transaction.DeadDelta -= tip.Dead.Count;
            _versions.RemoveTip(tip);
            if (parent is null)
            {
                return;
            }

            // It may have been hidden long ago, because of the line that has just gone.
            id = parent.Id;
        }

        RemoveBetween(id);
    }

    private void RemoveBetween(VersionId id)
    {
        if (_versions.Find(id) is not { IsHidden: true, FirstChild.IsNone: false } version)
        {
            return;
        }

        VersionRecord child = _versions.Child(version, version.FirstChild);
        if (!child.NextSibling.IsNone)
        {
            return;
        }

        VersionRecord? parent = _versions.ParentOf(version);
        DeadList merged = transaction.DeadLists.Merge(version.Dead, child.Dead, parent?.Birth ?? 0);
        transaction.DeadDelta += merged.Count - version.Dead.Count - child.Dead.Count;
        _versions.RemoveBetween(version, child with { Dead = merged });
    }

    /// <summary>Frees the blocks of a map that were born after its parent.</summary>
    private void FreeMap(TreeRoot map, long parentBirth)
    {
        reader.Check(map.Pointer, holder: BlockReader.Record);
        if (map.IsEmpty || map.Pointer.Birth <= parentBirth)
        {
            return;
        }

        // A block that is reached twice is refused here, so that crafted nodes cannot be followed for ever.
        transaction.Writer.Free(map.Pointer.Block);
        if (map.Height == 0)
        {
            return;
        }

        // Not by way of the cache, which the walk would flush out.
        byte[] node = ArrayPool<byte>.Shared.Rent(Format.BlockSize);
        try
        {
            reader.Read(map.Pointer, node.AsSpan(0, Format.BlockSize));
            for (int slot = 0; slot < Format.Tree.Fanout; slot++)
            {
                BlockPointer child = BlockPointer.Read(node.AsSpan(slot * Format.Pointer.Size));
                reader.Check(child, holder: map.Pointer);
                FreeMap(new TreeRoot(child, map.Height - 1), parentBirth);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(node);
        }
    }
}
