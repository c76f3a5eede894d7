using System.Numerics;
using System.Runtime.InteropServices;
using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>What the free space of one commit says, to be held against what really leads to blocks.</summary>
/// <param name="before">That of an earlier commit: what both have is not read again.</param>
internal sealed class SpaceReport(SpaceReport? before = null)
{
    private readonly Dictionary<BlockPointer, byte[]> _sound = [];
    private readonly Dictionary<BlockPointer, byte[]> _soundBefore = before?._sound ?? [];
    private readonly SortedDictionary<long, byte[]> _bitmaps = [];
    private readonly List<(long Block, VolumeException Reason)> _damages = [];

    /// <summary>The blocks of its tree that could not be read.</summary>
    public IReadOnlyList<(long Block, VolumeException Reason)> Damages => _damages;

    /// <summary>How many blocks of its tree were read.</summary>
    public long Blocks { get; private set; }

    /// <summary>How many blocks it says are in use, but for those that are never given out.</summary>
    public long InUse => _bitmaps.Sum(bitmap => Words(bitmap.Value).Sum(word => (long)BitOperations.PopCount(word)));

    public void Read(BlockReader reader, Superblock superblock)
    {
        long regions = SpaceLayout.Regions(superblock.End);
        Read(reader, superblock.Space, superblock.Holder, index: 0, regions);
        for (long region = 0; region < regions && _damages.Count == 0; region++)
        {
            _bitmaps.TryAdd(region, new byte[Format.BlockSize]);
        }
    }

    private void Read(BlockReader reader, TreeRoot root, in BlockPointer holder, ulong index, long regions)
    {
        byte[]? block;
        try
        {
            reader.Check(root.Pointer, holder);
            if (root.IsEmpty)
            {
                return;
            }

            Blocks++;
            if (!SpaceLayout.IsHome(root.Height, index, root.Pointer))
            {
                throw Damage.At(root.Pointer.Block, "a pointer takes it for free space, which has its own places");
            }

            if (!_soundBefore.TryGetValue(root.Pointer, out block))
            {
                block = new byte[Format.BlockSize];
                reader.Read(root.Pointer, block);
            }

            _sound[root.Pointer] = block;
        }
        catch (VolumeException e)
        {
            _damages.Add((root.IsEmpty ? holder.Block : root.Pointer.Block, e));
            return;
        }

        if (root.Height == 0)
        {
            if ((long)index < regions)
            {
                _bitmaps.Add((long)index, block);
            }

            return;
        }

        for (int slot = 0; slot < Format.Tree.Fanout; slot++)
        {
            BlockPointer child = BlockPointer.Read(block.AsSpan(slot * Format.Pointer.Size));
            ulong childIndex = (index << Format.Tree.BitsPerLevel) + (ulong)slot;
            Read(reader, new TreeRoot(child, root.Height - 1), root.Pointer, childIndex, regions);
        }
    }

    /// <summary>The blocks of which it says something else than the set; those of unread bitmaps left out.</summary>
    /// <returns>In ascending order, and whether something leads to it.</returns>
    public IEnumerable<(long Block, bool IsNeeded)> DifferencesTo(BlockSet needed)
    {
        foreach ((long region, byte[] bitmap) in _bitmaps)
        {
            long first = region * Format.Space.BlocksPerLeaf;
            for (int block = 0; block < Format.Space.BlocksPerLeaf; block++)
            {
                // Whole words that agree are passed in one step.
                int word = block / SpaceLeaf.WordBits;
                if (block % SpaceLeaf.WordBits == 0
                    && MemoryMarshal.Cast<byte, ulong>(bitmap)[word] == needed.Word(first + block))
                {
                    block += SpaceLeaf.WordBits - 1;
                    continue;
                }

                bool isUsed = (bitmap[block / 8] & (1 << (block % 8))) != 0;
                bool isNeeded = needed.Contains(first + block);
                if (isUsed != isNeeded)
                {
                    yield return (first + block, isNeeded);
                }
            }
        }
    }

    private static ulong[] Words(byte[] bitmap) => MemoryMarshal.Cast<byte, ulong>(bitmap).ToArray();
}
