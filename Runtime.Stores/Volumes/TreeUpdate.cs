using System.Runtime.CompilerServices;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Makes a new version of a tree: the nodes on the way to changed leaves are written anew, all others shared.
/// </summary>
/// <param name="reader">Reads the old nodes.</param>
/// <param name="writer">Writes the new ones.</param>
/// <param name="birth">Of the new ones.</param>
/// <param name="superseded">Called for each block of the old version that the new one has not.</param>
internal sealed class TreeUpdate(BlockReader reader, BlockWriter writer, long birth, Action<BlockPointer> superseded)
{
    // A block has one place in a tree. Without this, nodes that lead to one another would be followed for ever.
    private readonly BlockSet _superseded = [];

    public TreeRoot Set(TreeRoot root, ulong index, BlockPointer pointer) => Set(root, [new TreeEntry(index, pointer)]);

    /// <param name="root">The old version.</param>
    /// <param name="entries">Ascending by index. Each node is written once, however many of them it leads to.</param>
    /// <param name="keep">Leaves of the old version from this index on are left out.</param>
    public TreeRoot Set(TreeRoot root, ReadOnlySpan<TreeEntry> entries, ulong keep = ulong.MaxValue)
    {
        if (entries.IsEmpty && keep >= TreeRoot.Capacity(root.Height))
        {
            return root;
        }

        int height = entries.IsEmpty ? root.Height : Math.Max(root.Height, TreeRoot.HeightFor(entries[^1].Index));
        BlockPointer top = Set(root, height, first: 0, entries, keep);
        return top.IsHole ? TreeRoot.Empty : new TreeRoot(top, height);
    }

    /// <summary>
    /// The subtree of <paramref name="height"/> that has what <paramref name="old"/>, as high or lower, has and the
    /// entries.
    /// </summary>
    private BlockPointer Set(
        TreeRoot old, int height, ulong first, ReadOnlySpan<TreeEntry> entries, ulong keep)
    {
        bool keepsAll = old.IsEmpty || keep >= first + TreeRoot.Capacity(old.Height);
        if (entries.IsEmpty && keepsAll && (old.Height == height || old.IsEmpty))
        {
            return old.Pointer;
        }

        if (!old.IsEmpty && keep <= first)
        {
            Drop(old);
            old = new TreeRoot(BlockPointer.Hole, height);
            if (entries.IsEmpty)
            {
                return BlockPointer.Hole;
            }
        }

        if (height == 0)
        {
            Supersede(old.Pointer);
            return entries[0].Pointer;
        }

        Node node = default;
        Span<byte> bytes = node;
        bool grows = old.Height < height;
        if (!old.IsEmpty && !grows)
        {
            reader.ReadCached(old.Pointer).Bytes.CopyTo(bytes);
            Supersede(old.Pointer);
        }

        int from = 0;
        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            int to = from;
            while (to < entries.Length && TreeRoot.Slot(entries[to].Index, height) == slot)
            {
                to++;
            }

            // A lower old tree is all below the first slot of the new levels.
            bool lifts = grows && slot == 0 && !old.IsEmpty;
            ulong firstOfSlot = first + ((ulong)slot * TreeRoot.Capacity(height - 1));
            if (to == from && !lifts && keep >= firstOfSlot + TreeRoot.Capacity(height - 1))
            {
                continue;
            }

            Span<byte> place = bytes.Slice(slot * Format.Pointer.Size, Format.Pointer.Size);
            TreeRoot child = lifts ? old : new TreeRoot(BlockPointer.Read(place), height - 1);
            if (!grows)
            {
                reader.Check(child.Pointer, holder: old.Pointer);
            }

            Set(child, height - 1, firstOfSlot, entries[from..to], keep).Write(place);
            from = to;
        }

        return bytes.ContainsAnyExcept((byte)0) ? writer.Write(bytes, birth) : BlockPointer.Hole;
    }

    /// <summary>The new version has nothing of a subtree.</summary>
    private void Drop(TreeRoot subtree)
    {
        if (subtree.IsEmpty)
        {
            return;
        }

        Supersede(subtree.Pointer);
        if (subtree.Height == 0)
        {
            return;
        }

        CachedBlock node = reader.ReadCached(subtree.Pointer);
        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            BlockPointer child = node.Child(slot);
            reader.Check(child, holder: subtree.Pointer);
            Drop(new TreeRoot(child, subtree.Height - 1));
        }
    }

    private void Supersede(in BlockPointer pointer)
    {
        if (pointer.IsHole)
        {
            return;
        }

        if (!_superseded.Add(pointer.Block))
        {
            throw Damage.At(pointer.Block, "it is used twice");
        }

        superseded(pointer);
    }

    [InlineArray(Format.BlockSize)]
    private struct Node
    {
        private byte _first;
    }
}
