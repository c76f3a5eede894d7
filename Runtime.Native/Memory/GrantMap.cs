using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>
/// What a window grants on each page, to know in advance how many mappings a change of protection makes: a window is
/// one mapping, and one more for each boundary between neighbouring pages of different access.
/// </summary>
/// <remarks>Not thread safe. Two bits a page, in leaves of 64 MiB that exist where something was granted.</remarks>
internal sealed unsafe class GrantMap
{
    private const int PagesPerWord = 32;
    private const int WordsPerLeaf = 512;
    private const int PagesPerLeaf = PagesPerWord * WordsPerLeaf;

    private readonly long _pageCount;
    private readonly ulong*[] _leaves;

    internal GrantMap(long pageCount)
    {
        _pageCount = pageCount;
        _leaves = new ulong*[(pageCount + PagesPerLeaf - 1) / PagesPerLeaf];
    }

    internal PageAccess this[long page]
    {
        get
        {
            ulong* leaf = _leaves[page / PagesPerLeaf];
            return leaf is null
                ? PageAccess.None
                : (PageAccess)((leaf[page % PagesPerLeaf / PagesPerWord] >> (int)(page % PagesPerWord * 2)) & 3);
        }
    }

    /// <summary>The boundaries inside and at both ends of a range.</summary>
    internal int Boundaries(long first, long count)
    {
        long start = Math.Max(first - 1, 0);
        long end = Math.Min(first + count, _pageCount - 1);
        PageAccess previous = this[start];
        int boundaries = 0;
        for (long page = start + 1; page <= end; page++)
        {
            if (IsUniform(page, previous, out long next) && next <= end + 1)
            {
                page = next - 1;
                continue;
            }

            PageAccess access = this[page];
            boundaries += access == previous ? 0 : 1;
            previous = access;
        }

        return boundaries;
    }

    /// <summary>What <see cref="Boundaries"/> would be if the range had one access.</summary>
    internal int BoundariesAfter(long first, long count, PageAccess access)
    {
        int left = first > 0 && this[first - 1] != access ? 1 : 0;
        int right = first + count < _pageCount && this[first + count] != access ? 1 : 0;
        return left + right;
    }

    /// <summary>The first page from one on that is granted more; the end if there is none before it.</summary>
    internal long NextAbove(long page, long end, PageAccess access)
    {
        while (page < end && this[page] <= access)
        {
            bool isUniform = IsUniform(page, PageAccess.None, out long next) || IsUniform(page, access, out next);
            page = isUniform ? next : page + 1;
        }

        return Math.Min(page, end);
    }

    /// <summary>The first page from one on that is granted less; the end if there is none before it.</summary>
    internal long NextBelow(long page, long end, PageAccess access)
    {
        while (page < end && this[page] >= access)
        {
            page = IsUniform(page, access, out long next) ? next : page + 1;
        }

        return Math.Min(page, end);
    }

    /// <summary>The first of the pages around one that have its access and lie side by side.</summary>
    internal long StartOfRun(long page)
    {
        PageAccess access = this[page];
        while (page > 0)
        {
            if (page >= PagesPerWord && IsUniform(page - PagesPerWord, access, out _))
            {
                page -= PagesPerWord;
            }
            else if (this[page - 1] == access)
            {
                page--;
            }
            else
            {
                break;
            }
        }

        return page;
    }

    /// <summary>Makes room for notes of pages, so that <see cref="Set"/> cannot fail.</summary>
    /// <returns>False if there is no memory for it.</returns>
    internal bool TryReserve(long first, long count)
    {
        for (long leaf = first / PagesPerLeaf; leaf <= (first + count - 1) / PagesPerLeaf; leaf++)
        {
            if (_leaves[leaf] is null)
            {
                _leaves[leaf] = (ulong*)NativeHeap.TryAllocZeroed(WordsPerLeaf, sizeof(ulong));
                if (_leaves[leaf] is null)
                {
                    return false;
                }
            }
        }

        return true;
    }

    internal int AllBoundaries() => Boundaries(0, _pageCount);

    internal void Set(long first, long count, PageAccess access)
    {
        for (long page = first; page < first + count;)
        {
            ref ulong* leaf = ref _leaves[page / PagesPerLeaf];
            if (leaf is null && access == PageAccess.None)
            {
                page = (page / PagesPerLeaf + 1) * PagesPerLeaf;
                continue;
            }

            if (leaf is null)
            {
                leaf = (ulong*)NativeHeap.AllocZeroed(WordsPerLeaf, sizeof(ulong));
            }

            ref ulong word = ref leaf[page % PagesPerLeaf / PagesPerWord];
            int index = (int)(page % PagesPerWord);
            int run = (int)Math.Min(PagesPerWord - index, first + count - page);
            ulong mask = (run == PagesPerWord ? ulong.MaxValue : (1UL << (run * 2)) - 1) << (index * 2);
            word = (word & ~mask) | (Pattern(access) & mask);
            page += run;
        }
    }

    internal void Free()
    {
        for (int i = 0; i < _leaves.Length; i++)
        {
            NativeMemory.Free(_leaves[i]);
            _leaves[i] = null;
        }
    }

    private static ulong Pattern(PageAccess access) => (ulong)access * 0x5555_5555_5555_5555;

    /// <summary>
    /// Whether a whole leaf or word that begins at the page has one access; next is the page behind it.
    /// </summary>
    private bool IsUniform(long page, PageAccess access, out long next)
    {
        next = page + PagesPerWord;
        if (page % PagesPerWord != 0)
        {
            return false;
        }

        ulong* leaf = _leaves[page / PagesPerLeaf];
        if (leaf is not null)
        {
            return leaf[page % PagesPerLeaf / PagesPerWord] == Pattern(access);
        }

        next = page % PagesPerLeaf == 0 ? page + PagesPerLeaf : next;
        return access == PageAccess.None;
    }
}
