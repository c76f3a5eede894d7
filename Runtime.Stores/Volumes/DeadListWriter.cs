using System.Buffers.Binary;
using static Runtime.Stores.Volumes.Format.DeadBlock;

namespace Runtime.Stores.Volumes;

/// <summary>Makes dead lists, and merges them when the version between two others goes.</summary>
/// <remarks>Entries are put in front, so that lengthening a list writes what is new and one block.</remarks>
internal sealed class DeadListWriter(BlockReader reader, BlockWriter writer, long birth)
{
    /// <summary>
    /// The list with more entries; all its blocks but the first are full, or were when they were whole.
    /// </summary>
    public DeadList Append(DeadList list, IReadOnlyList<DeadEntry> entries)
    {
        if (entries.Count == 0)
        {
            return list;
        }

        BlockPointer next = list.First;
        List<DeadEntry> started = [];
        if (!next.IsHole)
        {
            writer.Drain(); // it may be of this very commit
            reader.Check(next, holder: BlockReader.Record);
            CachedBlock first = reader.ReadCached(next);
            int count = DeadListReader.CountOf(first);
            if (count < PerBlock)
            {
                for (int i = 0; i < count; i++)
                {
                    started.Add(DeadListReader.Entry(reader, first, i));
                }

                writer.Free(next.Block);
                next = BlockPointer.Read(first.Bytes[Next..]);
                reader.Check(next, holder: first.Pointer);
            }
        }

        var block = new byte[Format.BlockSize];
        for (int done = 0; done < started.Count + entries.Count; done += PerBlock)
        {
            int count = Math.Min(PerBlock, started.Count + entries.Count - done);
            block.AsSpan().Clear();
            next.Write(block.AsSpan(Next));
            BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(Count), (uint)count);
            for (int i = 0; i < count; i++)
            {
                DeadEntry entry = done + i < started.Count ? started[done + i] : entries[done + i - started.Count];
                Write(entry, block.AsSpan(Entries + (i * EntrySize), EntrySize));
            }

            next = writer.Write(block, birth);
        }

        return new DeadList(next, list.Count + entries.Count);
    }

    /// <summary>
    /// The list between two versions when the one between them goes: what the older had and the younger has not.
    /// </summary>
    /// <param name="toMiddle">What the older had and the one that goes has not.</param>
    /// <param name="fromMiddle">What the one that goes had and the younger has not.</param>
    /// <param name="olderBirth">
    /// A block that the one that goes had is the older's, too, if it was born by then; otherwise it was its alone.
    /// </param>
    public DeadList Merge(DeadList toMiddle, DeadList fromMiddle, long olderBirth)
    {
        var listBlocks = new List<long>();
        var kept = new List<DeadEntry>();
        var alone = new List<long>();
        writer.Drain();
        foreach (DeadEntry entry in DeadListReader.Read(reader, fromMiddle, block => listBlocks.Add(block.Block)))
        {
            if (entry.Birth <= olderBirth)
            {
                kept.Add(entry);
            }
            else
            {
                alone.Add(entry.Block);
            }
        }

        alone.ForEach(writer.Free);
        if (alone.Count == 0 && toMiddle.Count < fromMiddle.Count)
        {
            // All of the longer list stays: then the shorter one is put in front of it.
            List<DeadEntry> shorter = [.. DeadListReader.Read(reader, toMiddle, block => writer.Free(block.Block))];
            return Append(fromMiddle, shorter);
        }

        listBlocks.ForEach(writer.Free);
        return Append(toMiddle, kept);
    }

    /// <summary>Nobody needs the list any more; the blocks that it names are not its concern.</summary>
    public void Drop(DeadList list)
    {
        writer.Drain();
        foreach (DeadEntry _ in DeadListReader.Read(reader, list, block => writer.Free(block.Block)))
        {
            // Only the list's own blocks go.
        }
    }

    private static void Write(in DeadEntry entry, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Format.Pointer.Size];
        new BlockPointer(entry.Block, entry.Birth, Checksum: 0).Write(bytes);
        bytes[..EntrySize].CopyTo(destination);
    }
}
