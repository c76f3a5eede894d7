using Runtime.Core.Containers;

namespace Runtime.Core.Memory;

/// <summary>Counts the states of pages by what the page table says of them.</summary>
internal static class PageCensus
{
    /// <summary>The states in each block of so many pages; the last block may be shorter.</summary>
    internal static PageStates[] Take(PageTable table, long pageCount, long pagesPerBlock)
    {
        var blocks = new PageStates[(pageCount + pagesPerBlock - 1) / pagesPerBlock];
        for (long block = 0; block < blocks.Length; block++)
        {
            long first = block * pagesPerBlock;
            blocks[block] = new PageStates(Absent: Math.Min(pagesPerBlock, pageCount - first), 0, 0, 0, 0);
        }

        // Stretches that nobody has touched have no leaf: so a terabyte costs no more than what of it was used.
        for (long page = table.FindUsed(0); page < pageCount; page = table.FindUsed(page + 1))
        {
            ref PageStates block = ref blocks[page / pagesPerBlock];
            block = With(block, table[page]);
        }

        return blocks;
    }

    private static PageStates With(PageStates block, PageEntry entry)
    {
        if (entry.Phase is PagePhase.Absent or PagePhase.Filling)
        {
            return block;
        }

        block = block with { Absent = block.Absent - 1, Pinned = block.Pinned + (entry.Pins > 0 ? 1 : 0) };
        return entry switch
        {
            { IsDirty: true } => block with { Dirty = block.Dirty + 1 },
            { IsUnsaved: true } => block with { Unsaved = block.Unsaved + 1 },
            _ => block with { Clean = block.Clean + 1 },
        };
    }
}
