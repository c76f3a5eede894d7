namespace Runtime.Native.Windows;

/// <summary>A set of pages of one chunk.</summary>
internal unsafe struct PageBits
{
    private const int Words = Chunk.Pages / 64;

    private fixed ulong _words[Words];

    internal readonly bool IsEmpty => (_words[0] | _words[1] | _words[2] | _words[3]) == 0;

    internal readonly bool Contains(int page) => (_words[page / 64] >> (page % 64) & 1) != 0;

    internal void Add(int first, int count)
    {
        for (int word = 0; word < Words; word++)
        {
            _words[word] |= Mask(word, first, count);
        }
    }

    internal void Remove(int first, int count)
    {
        for (int word = 0; word < Words; word++)
        {
            _words[word] &= ~Mask(word, first, count);
        }
    }

    private static ulong Mask(int word, int first, int count)
    {
        int start = Math.Clamp(first - word * 64, 0, 64);
        int end = Math.Clamp(first + count - word * 64, 0, 64);
        return start == end ? 0 : ulong.MaxValue >> (64 - (end - start)) << start;
    }
}
