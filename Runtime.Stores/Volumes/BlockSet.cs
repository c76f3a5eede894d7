using System.Collections;
using System.Numerics;

namespace Runtime.Stores.Volumes;

/// <summary>A set of block numbers, in memory by what it holds and not by how large they are.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class BlockSet : IEnumerable<long>
{
    private const int ChunkBits = 1 << 15;
    private const int WordBits = 64;
    private const int MostFew = 32;

    // A few are a list: most sets of a commit never hold more.
    private readonly List<long> _few = [];
    private readonly Dictionary<long, Chunk> _chunks = [];

    public long Count { get; private set; }

    public bool Contains(long block) => IsFew
        ? _few.Contains(block)
        : _chunks.TryGetValue(block / ChunkBits, out Chunk? chunk) && (chunk.Word(block) & Bit(block)) != 0;

    /// <summary>The 64 numbers around a block, lowest first.</summary>
    public ulong Word(long block)
    {
        if (!IsFew)
        {
            return _chunks.TryGetValue(block / ChunkBits, out Chunk? chunk) ? chunk.Word(block) : 0;
        }

        ulong word = 0;
        foreach (long member in _few)
        {
            word |= member / WordBits == block / WordBits ? Bit(member) : 0;
        }

        return word;
    }

    /// <returns>False if it was there already.</returns>
    public bool Add(long block)
    {
        if (!IsFew)
        {
            return AddToChunk(block);
        }

        if (_few.Contains(block))
        {
            return false;
        }

        if (_few.Count == MostFew)
        {
            Count = 0;
            _few.ForEach(member => AddToChunk(member));
            _few.Clear();
            return AddToChunk(block);
        }

        _few.Add(block);
        Count++;
        return true;
    }

    public bool Remove(long block)
    {
        if (!Contains(block))
        {
            return false;
        }

        Count--;
        if (!_few.Remove(block))
        {
            _chunks[block / ChunkBits].Word(block) &= ~Bit(block);
        }

        return true;
    }

    public IEnumerator<long> GetEnumerator()
    {
        foreach (long block in _few)
        {
            yield return block;
        }

        foreach ((long number, Chunk chunk) in _chunks)
        {
            long first = number * ChunkBits;
            for (long block = first; block < first + ChunkBits; block += WordBits)
            {
                for (ulong word = chunk.Word(block); word != 0; word &= word - 1)
                {
                    yield return block + BitOperations.TrailingZeroCount(word);
                }
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool IsFew => _chunks.Count == 0;

    private bool AddToChunk(long block)
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
        Count++;
        return true;
    }

    private static ulong Bit(long block) => 1UL << (int)(block % WordBits);

    private sealed class Chunk
    {
        private readonly ulong[] _words = new ulong[ChunkBits / WordBits];

        public ref ulong Word(long block) => ref _words[block % ChunkBits / WordBits];
    }
}
