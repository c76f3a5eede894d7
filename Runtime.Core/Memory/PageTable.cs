using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>
/// The entries of a container's pages: a sparse tree of three levels, 1 GiB and 2 MiB of container a node.
/// </summary>
/// <remarks>
/// Thread safe without locks: an entry changes by compare-and-swap, nodes are added and never removed. They are native
/// memory, so that neither a fault nor a collection pays for them. Each leaf also has a bit for each page that may have
/// been written in the open interval, so that a cut looks only at what was written.
/// </remarks>
internal sealed unsafe class PageTable : IDisposable
{
    private const int Fanout = 512;
    private const int DirtyWords = Fanout / 64;
    private const int LeafWords = Fanout + DirtyWords;
    private const int DirectoryWords = Fanout;

    private readonly nint[] _directories;
    private readonly long _pageCount;

    internal PageTable(long pageCount)
    {
        _pageCount = pageCount;
        _directories = new nint[(pageCount + (Fanout * Fanout) - 1) / (Fanout * Fanout)];
    }

    ~PageTable()
    {
        Free();
    }

    /// <summary>How many pages it has room for.</summary>
    internal long PageCount => _pageCount;

    /// <summary>The entry as it is now.</summary>
    internal PageEntry this[long page]
    {
        get
        {
            ulong* leaf = FindLeaf(page);
            return new PageEntry(leaf is null ? 0 : Volatile.Read(ref leaf[page % Fanout]));
        }
    }

    /// <summary>Makes one move, unless somebody else moved the page first: then false, a normal answer.</summary>
    internal bool TryMove(long page, PageEntry from, PageEntry to)
    {
        ulong* leaf = GetLeaf(page);
        return Interlocked.CompareExchange(ref leaf[page % Fanout], to.Bits, from.Bits) == from.Bits;
    }

    /// <summary>
    /// Makes the move of a claim's holder, whatever pins and waiters change meanwhile; <paramref name="move"/> is
    /// static, so that nothing is allocated.
    /// </summary>
    /// <returns>The entry before.</returns>
    internal PageEntry Move<TArgument>(long page, TArgument argument, Func<PageEntry, TArgument, PageEntry> move)
    {
        PageEntry entry;
        do
        {
            entry = this[page];
        }
        while (!TryMove(page, entry, move(entry, argument)));
        return entry;
    }

    /// <summary>Notes that a page may be written in the open interval; a full fence.</summary>
    internal void NoteWrite(long page)
    {
        ulong* dirty = GetLeaf(page) + Fanout;
        Interlocked.Or(ref dirty[page % Fanout / 64], 1UL << (int)(page % 64));
    }

    /// <summary>Takes the note back.</summary>
    internal void ForgetWrite(long page)
    {
        ulong* dirty = GetLeaf(page) + Fanout;
        Interlocked.And(ref dirty[page % Fanout / 64], ~(1UL << (int)(page % 64)));
    }

    /// <summary>The pages with such a note, ascending.</summary>
    internal void CollectWritten(List<long> pages)
    {
        for (int high = 0; high < _directories.Length; high++)
        {
            nint* directory = (nint*)Volatile.Read(ref _directories[high]);
            for (int middle = 0; directory is not null && middle < Fanout; middle++)
            {
                ulong* leaf = (ulong*)Volatile.Read(ref directory[middle]);
                if (leaf is not null)
                {
                    CollectWritten(leaf + Fanout, ((long)high * Fanout + middle) * Fanout, pages);
                }
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>
    /// The first page from <paramref name="page"/> on whose leaf exists; <see cref="PageCount"/> if there is none.
    /// </summary>
    internal long FindUsed(long page)
    {
        while (page < _pageCount)
        {
            nint* directory = (nint*)Volatile.Read(ref _directories[page / (Fanout * Fanout)]);
            if (directory is null)
            {
                page += Fanout * Fanout - page % (Fanout * Fanout);
            }
            else if (Volatile.Read(ref directory[page / Fanout % Fanout]) == 0)
            {
                page += Fanout - page % Fanout;
            }
            else
            {
                return page;
            }
        }

        return _pageCount;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private static void CollectWritten(ulong* dirty, long firstPage, List<long> pages)
    {
        for (int word = 0; word < DirtyWords; word++)
        {
            for (ulong bits = Volatile.Read(ref dirty[word]); bits != 0; bits &= bits - 1)
            {
                pages.Add(firstPage + word * 64 + BitOperations.TrailingZeroCount(bits));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong* FindLeaf(long page)
    {
        nint* directory = (nint*)Volatile.Read(ref _directories[page / (Fanout * Fanout)]);
        return directory is null ? null : (ulong*)Volatile.Read(ref directory[page / Fanout % Fanout]);
    }

    private ulong* GetLeaf(long page)
    {
        ulong* leaf = FindLeaf(page);
        if (leaf is not null)
        {
            return leaf;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(page, _pageCount);
        nint* directory = (nint*)GetNode(ref _directories[page / (Fanout * Fanout)], DirectoryWords);
        return (ulong*)GetNode(ref directory[page / Fanout % Fanout], LeafWords);
    }

    private static nint GetNode(ref nint place, int words)
    {
        nint node = Volatile.Read(ref place);
        if (node != 0)
        {
            return node;
        }

        void* added = NativeHeap.AllocZeroed((nuint)words, sizeof(ulong));
        node = Interlocked.CompareExchange(ref place, (nint)added, 0);
        if (node == 0)
        {
            return (nint)added;
        }

        NativeMemory.Free(added);                                   // somebody else was first
        return node;
    }

    private void Free()
    {
        for (int high = 0; high < _directories.Length; high++)
        {
            nint* directory = (nint*)_directories[high];
            _directories[high] = 0;
            for (int middle = 0; directory is not null && middle < Fanout; middle++)
            {
                NativeMemory.Free((void*)directory[middle]);
            }

            NativeMemory.Free(directory);
        }
    }
}
