using System.Runtime.CompilerServices;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Makes a new version of a tree: the nodes on the way to changed leaves are written anew, all others shared.
/// </summary>
/// <param name="reader">Reads the old nodes.</param>
/// <param name="writer">Writes the new ones.</param>
/// <param name="keepsOld">Whether the old version stays; otherwise the nodes it alone needs are freed.</param>
internal sealed class TreeUpdate(BlockReader reader, BlockWriter writer, bool keepsOld)
{
    public TreeRoot Set(TreeRoot root, ulong index, BlockPointer pointer) => Set(root, [new TreeEntry(index, pointer)]);

    /// <param name="root">The old version.</param>
    /// <param name="entries">Ascending by index. Each node is written once, however many of them it leads to.</param>
    public TreeRoot Set(TreeRoot root, ReadOnlySpan<TreeEntry> entries)
    {
        if (entries.IsEmpty)
        {
            return root;
        }

        int height = Math.Max(root.Height, TreeRoot.HeightFor(entries[^1].Index));
        BlockPointer top = Set(root, height, entries);
        return top.IsHole ? TreeRoot.Empty : new TreeRoot(top, height);
    }

    /// <summary>
    /// The subtree of <paramref name="height"/> that has what <paramref name="old"/>, as high or lower, has and the
    /// entries.
    /// </summary>
    private BlockPointer Set(TreeRoot old, int height, ReadOnlySpan<TreeEntry> entries)
    {
        if (entries.IsEmpty && (old.Height == height || old.IsEmpty))
        {
            return old.Pointer;
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

        int first = 0;
        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            int last = first;
            while (last < entries.Length && TreeRoot.Slot(entries[last].Index, height) == slot)
            {
                last++;
            }

            // A lower old tree is all below the first slot of the new levels.
            bool lifts = grows && slot == 0;
            if (last == first && !lifts)
            {
                continue;
            }

            Span<byte> place = bytes.Slice(slot * Format.Pointer.Size, Format.Pointer.Size);
            TreeRoot child = lifts ? old : new TreeRoot(BlockPointer.Read(place), height - 1);
            if (!grows)
            {
                reader.Check(child.Pointer, holder: old.Pointer);
            }

            Set(child, height - 1, entries[first..last]).Write(place);
            first = last;
        }

        return bytes.ContainsAnyExcept((byte)0) ? writer.Write(bytes) : BlockPointer.Hole;
    }

    private void Supersede(in BlockPointer pointer)
    {
        if (!keepsOld)
        {
            writer.Free(pointer);
        }
    }

    [InlineArray(Format.BlockSize)]
    private struct Node
    {
        private byte _first;
    }
}
