using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>Reads the pages that pointers lead to; neighbouring blocks come with one read.</summary>
internal static class PageRuns
{
    /// <summary>So many pages are looked up together.</summary>
    public const int AtOnce = 128;

    /// <summary>Fills <paramref name="destination"/> with the pages, verified; holes with zeroes.</summary>
    public static void Read(BlockReader reader, ReadOnlySpan<BlockPointer> pages, Span<byte> destination)
    {
        int first = 0;
        while (first < pages.Length)
        {
            int last = first + 1;
            while (last < pages.Length && (pages[first].IsHole
                ? pages[last].IsHole
                : pages[last].Block == pages[first].Block + (last - first)))
            {
                last++;
            }

            Span<byte> run = destination[(first * PageNumber.Size)..(last * PageNumber.Size)];
            if (pages[first].IsHole)
            {
                run.Clear();
            }
            else
            {
                reader.ReadRun(pages[first..last], run);
            }

            first = last;
        }
    }
}
