using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <content>Writing and reading pages.</content>
public sealed partial class VersionDraft
{
    private const int PagesAtOnce = 256;

    /// <summary>
    /// Takes a page's content, or those of neighbouring pages, in place of what they had. Pages of zeroes need no
    /// block; others go to the disk together where there is room side by side.
    /// </summary>
    /// <param name="first">The first, or only, page.</param>
    /// <param name="contents">Whole pages.</param>
    /// <exception cref="VolumeException">
    /// <see cref="Status.NoResources"/> when the disk is full; each page has its old or its new content.
    /// </exception>
    public void Write(PageNumber first, ReadOnlySpan<byte> contents)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(contents.Length % PageNumber.Size, 0);
        Span<PageNumber> pages = stackalloc PageNumber[Math.Min(contents.Length / PageNumber.Size, PagesAtOnce)];
        while (contents.Length > 0)
        {
            int count = Math.Min(contents.Length / PageNumber.Size, PagesAtOnce);
            for (int i = 0; i < count; i++)
            {
                pages[i] = new PageNumber(first.Value + (ulong)i);
            }

            Write(pages[..count], contents[..(count * PageNumber.Size)]);
            contents = contents[(count * PageNumber.Size)..];
            first = new PageNumber(first.Value + (ulong)count);
        }
    }

    /// <summary>Takes pages that lie anywhere, with one write to the disk where there is room side by side.</summary>
    /// <param name="pages">Which, each once.</param>
    /// <param name="contents">Their contents, one after the other.</param>
    /// <exception cref="VolumeException">
    /// <see cref="Status.NoResources"/> when the disk is full; each page has its old or its new content.
    /// </exception>
    public void Write(ReadOnlySpan<PageNumber> pages, ReadOnlySpan<byte> contents)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(contents.Length, pages.Length * PageNumber.Size);
        lock (_lock)
        {
            ThrowUnlessOpen();
            foreach (PageNumber page in pages)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(
                    page.Value, (ulong)PageNumber.CountFor(_length), nameof(pages));
            }

            _writers++;
        }

        try
        {
            for (int done = 0; done < pages.Length;)
            {
                done += WriteRun(pages[done..], contents[(done * PageNumber.Size)..]);
            }
        }
        finally
        {
            lock (_lock)
            {
                if (--_writers == 0)
                {
                    Monitor.PulseAll(_lock);
                }
            }
        }
    }

    /// <summary>
    /// Fills <paramref name="destination"/>, one page, with what the draft holds itself, or else with what it is based
    /// on; verified; zeroes where there is none.
    /// </summary>
    /// <remarks>Allocates nothing when the nodes that lead to the page were read lately.</remarks>
    /// <returns>Whether there is a block for the page.</returns>
    /// <exception cref="VolumeException"><see cref="Status.IoError"/>, naming the block that is damaged.</exception>
    public bool ReadPage(PageNumber page, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, PageNumber.Size);
        return ReadPages(page, destination);
    }

    /// <summary>
    /// Fills <paramref name="destination"/> with whole pages from <paramref name="first"/> on; blocks that stand side
    /// by side come with one read.
    /// </summary>
    /// <returns>Whether there is a block for any of them.</returns>
    /// <exception cref="VolumeException"><see cref="Status.IoError"/>, naming the block that is damaged.</exception>
    public bool ReadPages(PageNumber first, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length % PageNumber.Size, 0);
        _store.ThrowIfDisposed();
        int most = Math.Min(destination.Length / PageNumber.Size, PageRuns.AtOnce);
        Span<BlockPointer> pointers = stackalloc BlockPointer[most];
        bool any = false;
        for (int done = 0; done < destination.Length; done += pointers.Length * PageNumber.Size)
        {
            int end = Math.Min(destination.Length, done + (pointers.Length * PageNumber.Size));
            Span<byte> part = destination[done..end];
            Span<BlockPointer> pages = pointers[..(part.Length / PageNumber.Size)];
            try
            {
                Read(first.Value + (ulong)(done / PageNumber.Size), pages, part);
            }
            catch
            {
                // Bytes that failed their checksum must not be taken for data by anyone who catches this.
                destination.Clear();
                throw;
            }

            any |= pages.ContainsAnyExcept(BlockPointer.Hole);
        }

        return any;
    }

    /// <summary>Writes what finds room side by side.</summary>
    /// <returns>How many pages that were.</returns>
    private int WriteRun(ReadOnlySpan<PageNumber> pages, ReadOnlySpan<byte> contents)
    {
        if (IsZero(contents, 0))
        {
            int zeroes = 1;
            while (zeroes < pages.Length && IsZero(contents, zeroes))
            {
                zeroes++;
            }

            Publish(pages[..zeroes], contents, new BlockRun(0, 0));
            return zeroes;
        }

        int wanted = 1;
        while (wanted < pages.Length && !IsZero(contents, wanted))
        {
            wanted++;
        }

        BlockRun run = _store.Space.Allocate(wanted, mayUseReserve: false);
        try
        {
            _store.Disk.WriteBlocks(new BlockNumber(run.Start), contents[..(run.Count * PageNumber.Size)]);
        }
        catch
        {
            _store.Space.Release(Enumerable.Range(0, run.Count).Select(i => run.Start + i));
            throw;
        }

        Publish(pages[..run.Count], contents, run);
        return run.Count;
    }

    /// <summary>From now on these blocks are the pages'; those that they had are free.</summary>
    private void Publish(ReadOnlySpan<PageNumber> pages, ReadOnlySpan<byte> contents, BlockRun run)
    {
        List<long>? superfluous = null;
        lock (_lock)
        {
            var pageCount = (ulong)PageNumber.CountFor(_length);
            for (int i = 0; i < pages.Length; i++)
            {
                BlockPointer pointer = run.Count == 0
                    ? BlockPointer.Hole
                    : new BlockPointer(
                        run.Start + i,
                        Birth,
                        Crc32C.Compute(contents.Slice(i * PageNumber.Size, PageNumber.Size)));
                BlockPointer old = pointer;

                // It may have shrunk while the page was on its way.
                if (pages[i].Value < pageCount)
                {
                    ref BlockPointer place =
                        ref CollectionsMarshal.GetValueRefOrAddDefault(_pages, pages[i].Value, out _);
                    old = place;
                    place = pointer;
                }

                if (!old.IsHole)
                {
                    (superfluous ??= []).Add(old.Block);
                }
            }
        }

        if (superfluous is not null)
        {
            _store.Space.Release(superfluous);
        }
    }

    private void Read(ulong first, Span<BlockPointer> pages, Span<byte> destination)
    {
        Span<BlockPointer> before = stackalloc BlockPointer[pages.Length];
        while (true)
        {
            object below = Volatile.Read(ref _below);
            try
            {
                Locate(first, pages);
                PageRuns.Read(_store.Reader, pages, destination);
                return;
            }
            catch (VolumeException) when (below != Volatile.Read(ref _below) || HasMoved(first, pages, before))
            {
                // A page was written again, or what is below was committed, while this was on its way: the blocks that
                // it had may hold something else by now.
            }
        }
    }

    private bool HasMoved(ulong first, ReadOnlySpan<BlockPointer> pages, Span<BlockPointer> now)
    {
        try
        {
            Locate(first, now);
            return !now.SequenceEqual(pages);
        }
        catch (VolumeException)
        {
            return false;
        }
    }

    private void Locate(ulong first, Span<BlockPointer> pages)
    {
        object below = Volatile.Read(ref _below);
        while (true)
        {
            // What is below comes first: a page may move up by an adoption meanwhile, but never down.
            if (below is VersionDraft draft)
            {
                draft.Locate(first, pages);
            }
            else
            {
                ((VersionMap)below).Locate(first, pages);
            }

            lock (_lock)
            {
                if (below == _below)
                {
                    PutOwn(first, pages);
                    return;
                }

                // It was committed, or has adopted: its own pages are not what they were.
                below = _below;
            }
        }
    }

    private void PutOwn(ulong first, Span<BlockPointer> pages)
    {
        if (first + (ulong)pages.Length > _keep)
        {
            pages[(int)(Math.Max(_keep, first) - first)..].Clear();
        }

        for (int i = 0; i < pages.Length && _pages.Count > 0; i++)
        {
            if (_pages.TryGetValue(first + (ulong)i, out BlockPointer own))
            {
                pages[i] = own;
            }
        }
    }

    private static bool IsZero(ReadOnlySpan<byte> contents, int page) =>
        !contents.Slice(page * PageNumber.Size, PageNumber.Size).ContainsAnyExcept((byte)0);
}
