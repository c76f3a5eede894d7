using System.Numerics;
using System.Runtime.InteropServices;

namespace Runtime.Stores.Volumes;

/// <summary>
/// The blocks of one region in memory: what the newest commit says of them, and which may be given out.
/// </summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class SpaceLeaf
{
    public const int WordBits = 64;

    private readonly ulong[] _recorded = new ulong[Format.Space.BlocksPerLeaf / WordBits];

    // Also blocks of drafts, which no commit knows yet, and blocks that an older commit may still need.
    private readonly ulong[] _taken = new ulong[Format.Space.BlocksPerLeaf / WordBits];

    // Taken only because they are held.
    private readonly ulong[] _held = new ulong[Format.Space.BlocksPerLeaf / WordBits];

    /// <param name="recorded">The newest commit's bitmap.</param>
    /// <param name="previous">The bitmap of the commit before, while it must stay whole; otherwise empty.</param>
    /// <param name="fixedBlocks">How many blocks at the beginning are never given out.</param>
    /// <param name="heldBlocks">Those before are not given out until <see cref="EndHold"/>.</param>
    public SpaceLeaf(ReadOnlySpan<byte> recorded, ReadOnlySpan<byte> previous, int fixedBlocks, int heldBlocks = 0)
    {
        recorded.CopyTo(MemoryMarshal.AsBytes(_recorded.AsSpan()));
        _recorded.CopyTo(_taken, 0);
        ReadOnlySpan<ulong> before = MemoryMarshal.Cast<byte, ulong>(previous);
        for (int word = 0; word < before.Length; word++)
        {
            _taken[word] |= before[word];
        }

        Waiting = [.. Enumerable.Range(0, _taken.Length).SelectMany(WaitingInWord)];
        for (int block = 0; block < fixedBlocks; block++)
        {
            _taken[block / WordBits] |= Bit(block);
        }

        for (int block = 0; block < heldBlocks; block++)
        {
            _held[block / WordBits] |= Bit(block) & ~_taken[block / WordBits];
            _taken[block / WordBits] |= Bit(block);
        }

        Free = _taken.Sum(word => BitOperations.PopCount(~word));
    }

    /// <summary>A block's bit in its word.</summary>
    public static ulong Bit(long block) => 1UL << (int)(block % WordBits);

    /// <summary>How many blocks may be given out, those beyond the volume's end included.</summary>
    public int Free { get; private set; }

    /// <summary>The blocks that waited for the next commit when the leaf was read.</summary>
    public IReadOnlyList<int> Waiting { get; }

    public ReadOnlySpan<ulong> Recorded => _recorded;

    /// <summary>Takes the first free blocks from <paramref name="from"/> on, as many as stand side by side.</summary>
    /// <returns>How many were taken, from where; none if all before <paramref name="to"/> are taken.</returns>
    public (int Start, int Count) Take(int from, int to, int wanted)
    {
        int start = FirstFree(from, to);
        int count = 0;
        while (count < wanted && start + count < to && !IsSet(_taken, start + count))
        {
            _taken[(start + count) / WordBits] |= Bit(start + count);
            count++;
        }

        Free -= count;
        return (start, count);
    }

    public void Release(int block)
    {
        ulong bit = Bit(block);
        if ((_taken[block / WordBits] & bit) != 0)
        {
            _taken[block / WordBits] &= ~bit;
            Free++;
        }
    }

    /// <summary>What is held may be given out from now on.</summary>
    public void EndHold()
    {
        for (int word = 0; word < _held.Length; word++)
        {
            _taken[word] &= ~_held[word];
            Free += BitOperations.PopCount(_held[word]);
            _held[word] = 0;
        }
    }

    /// <summary>A commit is durable: this is what it says. Nothing becomes free by it.</summary>
    public void Record(ReadOnlySpan<byte> bitmap) => bitmap.CopyTo(MemoryMarshal.AsBytes(_recorded.AsSpan()));

    private int FirstFree(int from, int to)
    {
        for (int word = from / WordBits; word * WordBits < to; word++)
        {
            int skipped = word == from / WordBits ? from % WordBits : 0;
            ulong free = ~_taken[word] & (ulong.MaxValue << skipped);
            if (free != 0)
            {
                return Math.Min(to, (word * WordBits) + BitOperations.TrailingZeroCount(free));
            }
        }

        return to;
    }

    private IEnumerable<int> WaitingInWord(int word)
    {
        for (ulong waiting = _taken[word] & ~_recorded[word]; waiting != 0; waiting &= waiting - 1)
        {
            yield return (word * WordBits) + BitOperations.TrailingZeroCount(waiting);
        }
    }

    private static bool IsSet(ulong[] bits, int block) => (bits[block / WordBits] & (Bit(block))) != 0;
}
