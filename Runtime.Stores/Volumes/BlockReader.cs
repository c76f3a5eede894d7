using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Reads blocks by their pointers, and lets nothing through whose bytes are not those that were written.
/// </summary>
/// <remarks>Thread safe; concurrent reads do not wait for each other.</remarks>
internal sealed class BlockReader(IDisk disk, long end)
{
    /// <summary>16 MiB of nodes; as leaf nodes they lead to 4 GiB of pages.</summary>
    private const int CachedNodes = 4096;

    /// <summary>Stands for a holder that was verified before and is as young as can be.</summary>
    public static BlockPointer Record { get; } = new(Block: 0, Birth: Format.MaxUInt48, Checksum: 0);

    private readonly BlockCache _cache = new(CachedNodes);
    private long _end = end;

    /// <summary>No block at or beyond it is in use; grows with each commit.</summary>
    public long End
    {
        get => Volatile.Read(ref _end);
        set => Volatile.Write(ref _end, value);
    }

    /// <summary>Fills <paramref name="destination"/>, one block, and verifies it.</summary>
    public void Read(in BlockPointer pointer, Span<byte> destination)
    {
        disk.ReadBlocks(new BlockNumber(pointer.Block), destination);
        uint found = Crc32C.Compute(destination);
        if (found != pointer.Checksum)
        {
            throw Damage.Checksum(pointer, found);
        }
    }

    /// <summary>Reads a node or record, by way of the cache.</summary>
    public CachedBlock ReadCached(in BlockPointer pointer)
    {
        if (_cache.Find(pointer) is { } hit)
        {
            return hit;
        }

        var bytes = new byte[Format.BlockSize];
        Read(pointer, bytes);
        var block = new CachedBlock(pointer, bytes);
        _cache.Add(block);
        return block;
    }

    /// <summary>Keeps a node or record that was just written, so that the next commit need not read it.</summary>
    public void Remember(in BlockPointer pointer, ReadOnlySpan<byte> block) =>
        _cache.Add(new CachedBlock(pointer, block.ToArray()));

    /// <summary>Reads blocks that stand side by side with one call, and verifies each.</summary>
    public void ReadRun(ReadOnlySpan<BlockPointer> run, Span<byte> destination)
    {
        disk.ReadBlocks(new BlockNumber(run[0].Block), destination);
        for (int i = 0; i < run.Length; i++)
        {
            uint found = Crc32C.Compute(destination.Slice(i * Format.BlockSize, Format.BlockSize));
            if (found != run[i].Checksum)
            {
                throw Damage.Checksum(run[i], found);
            }
        }
    }

    /// <summary>The leaves from an index on. On a warm cache it allocates nothing.</summary>
    public void Find(TreeRoot root, ulong first, Span<BlockPointer> leaves)
    {
        while (!leaves.IsEmpty)
        {
            if (root.Height == 0 || first >= TreeRoot.Capacity(root.Height))
            {
                leaves.Clear();
                if (root.Height == 0 && first == 0)
                {
                    leaves[0] = root.Pointer;
                }

                return;
            }

            int slot = TreeRoot.Slot(first, height: 1);
            int count = Math.Min(leaves.Length, Format.Tree.Fanout - slot);
            BlockPointer node = Find(root, first, height: 1);
            if (node.IsHole)
            {
                leaves[..count].Clear();
            }
            else
            {
                CachedBlock block = ReadCached(node);
                for (int i = 0; i < count; i++)
                {
                    leaves[i] = block.Child(slot + i);
                    Check(leaves[i], holder: node);
                }
            }

            leaves = leaves[count..];
            first += (ulong)count;
        }
    }

    /// <summary>The leaf at an index, or a hole. On a warm cache it allocates nothing.</summary>
    public BlockPointer Find(TreeRoot root, ulong index) => Find(root, index, height: 0);

    /// <summary>
    /// Refuses a pointer out of a block if it leads out of the volume or to something younger than the block.
    /// </summary>
    public void Check(in BlockPointer pointer, in BlockPointer holder)
    {
        bool possible = pointer.IsHole
            ? !pointer.IsMalformed
            : pointer.Block >= Format.Superblock.Blocks && pointer.Block < End && pointer.Birth <= holder.Birth;
        if (!possible)
        {
            throw Damage.Pointer(pointer, holder.Block);
        }
    }

    private BlockPointer Find(TreeRoot root, ulong index, int height)
    {
        if (index >= TreeRoot.Capacity(root.Height))
        {
            return BlockPointer.Hole;
        }

        BlockPointer pointer = root.Pointer;
        for (int level = root.Height; level > height && !pointer.IsHole; level--)
        {
            BlockPointer child = ReadCached(pointer).Child(TreeRoot.Slot(index, level));
            Check(child, holder: pointer);
            pointer = child;
        }

        return pointer;
    }
}
