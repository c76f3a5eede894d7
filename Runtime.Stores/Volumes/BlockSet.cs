using System.Collections;
using System.Numerics;

namespace Runtime.Stores.Volumes;

/// <summary>A set of block numbers, in memory by what it holds and not by how large they are.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class BlockSet : IEnumerable<long>
{
    private const int ChunkBits = 1 << 15;
    private const int WordBits = 64;

    private readonly Dictionary<long, Chunk> _chunks = [];

    public long Count { get; private set; }

    public bool Contains(long block) =>
        _chunks.TryGetValue(block / ChunkBits, out Chunk? chunk) && (chunk.Word(block) & Bit(block)) != 0;

    /// <returns>False if it was there already.</returns>
    public bool Add(long block)
    {
        if (!_chunks.TryGetValue(block / ChunkBits, out Chunk? chunk))
        {
            _chunks.Add(block / ChunkBits, chunk = new Chunk());
        }

        ref ulong word = ref chunk.Word(block);
        if ((word & Bit(block)) != 0)
        {
            return false;
        }

        word |= Bit(block);
        chunk.Count++;
        Count++;
        return true;
    }

    public bool Remove(long block)
    {
        if (!Contains(block))
        {
            return false;
        }

        Chunk chunk = _chunks[block / ChunkBits];
        chunk.Word(block) &= ~Bit(block);
        chunk.Count--;
        Count--;
        return true;
    }

    /// <summary>
    /// The first number from <paramref name="start"/> on, below <paramref name="end"/>, that is not in the set; or -1.
    /// </summary>
    public long FirstAbsent(long start, long end)
    {
        long block = start;
        while (block < end)
        {
            if (!_chunks.TryGetValue(block / ChunkBits, out Chunk? chunk))
            {
                return block;
            }

            // A full chunk is passed in one step, a full word in the next.
            ulong free = chunk.Count == ChunkBits
                ? 0
                : ~chunk.Word(block) & (ulong.MaxValue << (int)(block % WordBits));
            if (free != 0)
            {
                long found = block - (block % WordBits) + BitOperations.TrailingZeroCount(free);
                return found < end ? found : -1;
            }

            int step = chunk.Count == ChunkBits ? ChunkBits : WordBits;
            block = block - (block % step) + step;
        }

        return -1;
    }

    public IEnumerator<long> GetEnumerator()
    {
        foreach ((long number, Chunk chunk) in _chunks)
        {
            long first = number * ChunkBits;
            for (long block = first; block < first + ChunkBits; block++)
            {
                if ((chunk.Word(block) & Bit(block)) != 0)
                {
                    yield return block;
                }
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ulong Bit(long block) => 1UL << (int)(block % WordBits);

    private sealed class Chunk
    {
        private readonly ulong[] _words = new ulong[ChunkBits / WordBits];

        public int Count { get; set; }

        public ref ulong Word(long block) => ref _words[block % ChunkBits / WordBits];
    }
}
