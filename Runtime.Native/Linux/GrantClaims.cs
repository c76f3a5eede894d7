using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Runtime.Native.Linux;

/// <summary>
/// What a window grants on each page, changed without a lock: whoever changes pages claims them first, and others wait
/// for these pages only.
/// </summary>
/// <remarks>
/// Thread safe. Two bits a page, in leaves of 64 MiB that exist where something was granted. The trap library reads
/// and claims them too (trap/reopen_linux.c), so they lie in native memory. Claims are held for one call of the system,
/// and of several pages in ascending order, so nobody waits for long or for ever.
/// </remarks>
internal sealed unsafe class GrantClaims
{
    internal const int PagesPerWord = 32;
    internal const int PagesPerLeaf = 16384;
    private const ulong Claimed = 3;                                // in the place of an access
    private const ulong OfEachPage = 0x5555_5555_5555_5555;

    private readonly long _leafCount;

    internal GrantClaims(long pageCount)
    {
        _leafCount = (pageCount + PagesPerLeaf - 1) / PagesPerLeaf;
        Leaves = (ulong**)NativeHeap.AllocZeroed((nuint)_leafCount, (nuint)sizeof(ulong*));
    }

    internal ulong** Leaves { get; private set; }

    /// <summary>Makes room for claims on pages, so that making them cannot fail.</summary>
    /// <returns>False if there is no memory for it.</returns>
    internal bool TryReserve(long page, long end)
    {
        try
        {
            for (; page < end; page = (page / PagesPerLeaf + 1) * PagesPerLeaf)
            {
                _ = LeafOf(page);
            }

            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>Claims a page, and those after it that have the same access and are free.</summary>
    /// <param name="page">The first; waits for it.</param>
    /// <param name="end">Where to stop; a claim ends with its leaf, too.</param>
    /// <param name="count">How many were claimed.</param>
    /// <returns>Their access.</returns>
    internal PageAccess Claim(long page, long end, out long count)
    {
        ulong* leaf = LeafOf(page);
        int index = (int)(page % PagesPerLeaf);
        int last = (int)Math.Min(end - page + index, PagesPerLeaf);
        var wait = default(SpinWait);
        ulong access;
        int claimed;
        while (!TryClaimInWord(leaf, index, last, wanted: null, out access, out claimed))
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        count = claimed;
        for (index += claimed; index < last && index % PagesPerWord == 0; index += claimed)
        {
            _ = TryClaimInWord(leaf, index, last, wanted: access, out _, out claimed);
            count += claimed;
            if (claimed == 0)
            {
                break;
            }
        }

        return (PageAccess)access;
    }

    /// <summary>
    /// Claims a page that is granted anything, and those after it that are, and are free: to grant them all the same.
    /// </summary>
    /// <returns>How many were claimed; none if the first has nothing granted.</returns>
    internal long ClaimGranted(long page, long end)
    {
        long count = 0;
        var wait = default(SpinWait);
        ulong* leaf = LeafOf(page);
        int index = (int)(page % PagesPerLeaf);
        int last = (int)Math.Min(end - page + index, PagesPerLeaf);
        while (index < last)
        {
            ref ulong word = ref leaf[index / PagesPerWord];
            ulong before = Volatile.Read(ref word);
            int inWord = index % PagesPerWord;
            ulong others = ~(before ^ (before >> 1)) & OfEachPage;  // nothing granted, or claimed
            int run = Math.Min(BitOperations.TrailingZeroCount(others >> (inWord * 2)) / 2, PagesPerWord - inWord);
            run = Math.Min(run, last - index);
            if (run == 0 && count == 0 && ((before >> (inWord * 2)) & Claimed) == Claimed)
            {
                wait.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            if (run == 0)
            {
                break;
            }

            if (Interlocked.CompareExchange(ref word, before | Mask(index, run), before) == before)
            {
                count += run;
                index += run;
            }
        }

        return count;
    }

    /// <summary>
    /// Where pages that can be written begin and end, or may begin since somebody changes them just now, with no page
    /// between them that is closed; the end, twice, if there are none before it.
    /// </summary>
    internal (long First, long Next) FindWritable(long page, long end, long longestGap)
    {
        long first = NextWritable(page, end);
        long next = Math.Min(first + 1, end);
        while (next < end)
        {
            long reach = Math.Min(end, next + longestGap);
            long writable = NextWritable(next, reach);
            if (writable == reach || HasClosed(next, writable))
            {
                break;
            }

            next = writable + 1;
        }

        return (first, next);
    }

    /// <summary>Ends claims: the pages have an access again.</summary>
    internal void Release(long page, long count, PageAccess access)
    {
        ulong* leaf = Leaves[page / PagesPerLeaf];
        int index = (int)(page % PagesPerLeaf);
        for (int end = index + (int)count; index < end;)
        {
            int run = Math.Min(PagesPerWord - index % PagesPerWord, end - index);
            Interlocked.And(
                ref leaf[index / PagesPerWord], ~(Mask(index, run) & ((Claimed ^ (ulong)access) * OfEachPage)));
            index += run;
        }
    }

    /// <summary>
    /// The first page from one on of whose 64 MiB any was ever granted; <paramref name="end"/> if none is before it.
    /// </summary>
    internal long NextEverGranted(long page, long end)
    {
        while (page < end && Volatile.Read(ref Unsafe.AsRef<nint>(Leaves + page / PagesPerLeaf)) == 0)
        {
            page = (page / PagesPerLeaf + 1) * PagesPerLeaf;
        }

        return Math.Min(page, end);
    }

    internal void Free()
    {
        for (long leaf = 0; leaf < _leafCount; leaf++)
        {
            NativeMemory.Free(Leaves[leaf]);
        }

        NativeMemory.Free(Leaves);
        Leaves = null;
    }

    private long NextWritable(long page, long end)
    {
        while ((page = NextEverGranted(page, end)) < end)
        {
            int inWord = (int)(page % PagesPerWord);
            ulong upper = (WordOf(page) >> 1) & OfEachPage;         // set where it is written, or claimed
            int skipped = BitOperations.TrailingZeroCount(upper >> (inWord * 2)) / 2;
            if (skipped < PagesPerWord - inWord)
            {
                return Math.Min(page + skipped, end);
            }

            page += PagesPerWord - inWord;
        }

        return end;
    }

    private bool HasClosed(long page, long end)
    {
        while (page < end)
        {
            int inWord = (int)(page % PagesPerWord);
            int count = (int)Math.Min(PagesPerWord - inWord, end - page);
            ulong word = WordOf(page);
            if ((~(word | (word >> 1)) & OfEachPage & Mask(inWord, count)) != 0)
            {
                return true;
            }

            page += count;
        }

        return false;
    }

    private ulong WordOf(long page)
    {
        ulong* leaf = (ulong*)Volatile.Read(ref Unsafe.AsRef<nint>(Leaves + page / PagesPerLeaf));
        return leaf is null ? 0 : Volatile.Read(ref leaf[page % PagesPerLeaf / PagesPerWord]);
    }

    private ulong* LeafOf(long page)
    {
        ref nint place = ref Unsafe.AsRef<nint>(Leaves + page / PagesPerLeaf);
        nint leaf = Volatile.Read(ref place);
        if (leaf != 0)
        {
            return (ulong*)leaf;
        }

        void* added = NativeHeap.AllocZeroed(PagesPerLeaf / PagesPerWord, sizeof(ulong));
        leaf = Interlocked.CompareExchange(ref place, (nint)added, 0);
        if (leaf == 0)
        {
            return (ulong*)added;
        }

        NativeMemory.Free(added);
        return (ulong*)leaf;
    }

    /// <summary>Claims pages of one word that have the access wanted, or else that of the first.</summary>
    private static bool TryClaimInWord(
        ulong* leaf, int index, int last, ulong? wanted, out ulong access, out int claimed)
    {
        ref ulong word = ref leaf[index / PagesPerWord];
        int inWord = index % PagesPerWord;
        int most = Math.Min(PagesPerWord - inWord, last - index);
        while (true)
        {
            ulong before = Volatile.Read(ref word);
            access = wanted ?? ((before >> (inWord * 2)) & Claimed);
            ulong others = (before ^ (access * OfEachPage)) >> (inWord * 2);
            claimed = access == Claimed ? 0 : Math.Min(BitOperations.TrailingZeroCount(others) / 2, most);
            if (claimed == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref word, before | Mask(index, claimed), before) == before)
            {
                return true;
            }
        }
    }

    private static ulong Mask(int index, int count) =>
        (count == PagesPerWord ? ulong.MaxValue : (1UL << (count * 2)) - 1) << (index % PagesPerWord * 2);
}
