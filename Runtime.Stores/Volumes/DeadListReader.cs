using System.Buffers.Binary;
using static Runtime.Stores.Volumes.Format.DeadBlock;

namespace Runtime.Stores.Volumes;

/// <summary>Goes through dead lists; a list that leads back to itself, or is longer than it says, is damage.</summary>
internal static class DeadListReader
{
    /// <param name="reader">Reads the blocks.</param>
    /// <param name="list">Which.</param>
    /// <param name="passed">Called with each block that the list itself takes, before its entries.</param>
    public static IEnumerable<DeadEntry> Read(
        BlockReader reader, DeadList list, Action<BlockPointer>? passed = null)
    {
        BlockPointer pointer = list.First;
        BlockPointer holder = BlockReader.Record;
        var seen = new BlockSet();
        long left = list.Count;
        while (!pointer.IsHole || left > 0)
        {
            reader.Check(pointer, holder);
            if (pointer.IsHole || !seen.Add(pointer.Block))
            {
                throw Damage.At(holder.Block, $"the dead list in it has not the {list.Count} entries that it should");
            }

            passed?.Invoke(pointer);
            CachedBlock block = reader.ReadCached(pointer);
            int count = CountOf(block);
            left -= count;
            if (left < 0)
            {
                throw Damage.At(pointer.Block, "the dead list in it has more entries than it should");
            }

            for (int i = 0; i < count; i++)
            {
                yield return Entry(reader, block, i);
            }

            (holder, pointer) = (pointer, BlockPointer.Read(block.Bytes[Next..]));
        }
    }

    public static int CountOf(CachedBlock block)
    {
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(block.Bytes[Count..]);
        return count is >= 1 and <= PerBlock
            ? (int)count
            : throw Damage.At(block.Pointer.Block, "it is no block of a dead list");
    }

    public static DeadEntry Entry(BlockReader reader, CachedBlock block, int index)
    {
        // An entry is the beginning of a pointer: what it names must be possible as one.
        Span<byte> bytes = stackalloc byte[Format.Pointer.Size];
        bytes.Clear();
        block.Bytes.Slice(Entries + (index * EntrySize), EntrySize).CopyTo(bytes);
        BlockPointer entry = BlockPointer.Read(bytes);
        reader.Check(entry, holder: block.Pointer);
        return entry.IsHole
            ? throw Damage.At(block.Pointer.Block, "the dead list in it names no block")
            : new DeadEntry(entry.Block, entry.Birth);
    }
}
