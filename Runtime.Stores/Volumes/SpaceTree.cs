using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>The tree of free space on the disk: reads its leaves, and writes a new version of it.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class SpaceTree(IDisk disk, BlockReader reader)
{
    /// <summary>Fills <paramref name="bitmap"/> with a region's leaf; zeroes where it was never written.</summary>
    public void Read(TreeRoot root, in BlockPointer holder, long region, Span<byte> bitmap)
    {
        reader.Check(root.Pointer, holder);
        BlockPointer pointer = reader.Find(root, (ulong)region);
        if (pointer.IsHole)
        {
            bitmap.Clear();
            return;
        }

        ThrowUnlessHome(level: 0, (ulong)region, pointer);
        reader.Read(pointer, bitmap);
    }

    /// <summary>Writes changed leaves and the nodes above them, each into its next home.</summary>
    /// <remarks>It allocates nothing, so it ends: one pass over the changed leaves and the nodes above them.</remarks>
    /// <param name="root">The newest commit's.</param>
    /// <param name="leaves">Ascending by region.</param>
    /// <param name="birth">Of the commit.</param>
    public TreeRoot Write(TreeRoot root, IReadOnlyList<(long Region, byte[] Bitmap)> leaves, long birth)
    {
        if (leaves.Count == 0)
        {
            return root;
        }

        int height = Math.Max(root.Height, TreeRoot.HeightFor((ulong)leaves[^1].Region));
        return new TreeRoot(Write(root, height, index: 0, new Range(0, leaves.Count), leaves, birth), height);
    }

    /// <summary>
    /// The node of <paramref name="height"/> with what <paramref name="old"/>, as high or lower, has.
    /// </summary>
    private BlockPointer Write(
        TreeRoot old,
        int height,
        ulong index,
        Range range,
        IReadOnlyList<(long Region, byte[] Bitmap)> leaves,
        long birth)
    {
        bool grows = old.Height < height;
        BlockPointer oldPointer = grows ? BlockPointer.Hole : old.Pointer;
        if (!oldPointer.IsHole)
        {
            ThrowUnlessHome(height, index, oldPointer);
        }

        if (height == 0)
        {
            return Put(height, index, oldPointer, leaves[range.Start.Value].Bitmap, birth);
        }

        var node = new byte[Format.BlockSize];
        if (!oldPointer.IsHole)
        {
            reader.ReadCached(oldPointer).Bytes.CopyTo(node);
        }

        int first = range.Start.Value;
        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            int last = first;
            while (last < range.End.Value && TreeRoot.Slot((ulong)leaves[last].Region, height) == slot)
            {
                last++;
            }

            // A lower old tree is all below the first slot of the new levels.
            bool lifts = grows && slot == 0 && !old.IsEmpty;
            if (last == first && !lifts)
            {
                continue;
            }

            Span<byte> place = node.AsSpan(slot * Format.Pointer.Size, Format.Pointer.Size);
            TreeRoot child = lifts ? old : new TreeRoot(BlockPointer.Read(place), height - 1);
            if (!grows)
            {
                reader.Check(child.Pointer, holder: oldPointer);
            }

            BlockPointer pointer = last == first && child.Height == height - 1
                ? child.Pointer
                : Write(
                    child, height - 1, (index << Format.Tree.BitsPerLevel) + (ulong)slot, first..last, leaves, birth);
            pointer.Write(place);
            first = last;
        }

        return Put(height, index, oldPointer, node, birth);
    }

    private BlockPointer Put(int level, ulong index, in BlockPointer old, byte[] bytes, long birth)
    {
        var pointer = new BlockPointer(SpaceLayout.NextHome(level, index, old), birth, Crc32C.Compute(bytes));
        disk.WriteBlocks(new BlockNumber(pointer.Block), bytes);
        if (level > 0)
        {
            reader.Remember(pointer, bytes);
        }

        return pointer;
    }

    private static void ThrowUnlessHome(int level, ulong index, in BlockPointer pointer)
    {
        if (!SpaceLayout.IsHome(level, index, pointer))
        {
            throw Damage.At(pointer.Block, "a pointer takes it for free space, which has its own places");
        }
    }
}
