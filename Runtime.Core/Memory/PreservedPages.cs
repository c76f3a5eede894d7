using System.Diagnostics;

namespace Runtime.Core.Memory;

/// <summary>The pages of a closed interval that its manager has still to save, as they were at the cut.</summary>
/// <remarks>
/// Thread safe. Each page is in one place: in memory, where nobody has written it since; in a copy, put aside by the
/// first writer after the cut; or nowhere, once its manager holds it. A copy may also be left to a saver that was given
/// up, and is of no use then to anybody else.
/// </remarks>
internal sealed unsafe class PreservedPages(StateInterval interval, List<PageNumber> pages, PageBuffers buffers)
{
    private const nint InMemory = 0;
    private const nint Gone = -1;
    private const nint Left = -2;

    private readonly Lock _lock = new();                            // guards the copies while somebody reads them
    private readonly nint[] _places = new nint[pages.Count];        // InMemory, Gone, Left, or the address of a copy
    private volatile bool _isGivenUp;
    private byte[]? _readBuffer;

    internal StateInterval Interval => interval;

    /// <summary>Where copies come from.</summary>
    internal PageBuffers Buffers => buffers;

    /// <summary>The pages that the cut found written, saved or not, ascending.</summary>
    internal IReadOnlyList<PageNumber> Pages => pages;

    /// <summary>Those that its manager had before the cut; ascending.</summary>
    internal IReadOnlyList<PageNumber> Evicted { get; set; } = [];

    /// <summary>For one page at a time during the cut.</summary>
    internal byte[] ReadBuffer => _readBuffer ??= new byte[PageNumber.Size];

    /// <summary>
    /// Whether memory, or the kernel's spill, still holds the page as it was at the cut; false for pages of other
    /// intervals.
    /// </summary>
    internal bool IsInMemory(long page) =>
        TryFind(page, out int index) && Volatile.Read(ref _places[index]) == InMemory;

    /// <summary>Puts a copy aside; the caller holds a claim on the page.</summary>
    /// <returns>False if there is no memory for it.</returns>
    internal bool TryCopy(long page, ReadOnlySpan<byte> content)
    {
        byte* copy = buffers.TryRent();
        if (copy is null)
        {
            return false;
        }

        content.CopyTo(new Span<byte>(copy, PageNumber.Size));
        TryFind(page, out int index);
        Debug.Assert(_places[index] == InMemory, "only one writer is the first");
        Volatile.Write(ref _places[index], (nint)copy);
        return true;
    }

    /// <summary>Reads a page out of its copy.</summary>
    /// <returns>False if there is none: it is in memory still, or gone.</returns>
    internal bool TryReadCopy(long page, Span<byte> destination)
    {
        if (!TryFind(page, out int index))
        {
            return false;
        }

        lock (_lock)
        {
            nint place = _places[index];
            if (place is InMemory or Gone or Left)
            {
                return false;
            }

            new ReadOnlySpan<byte>((void*)place, PageNumber.Size).CopyTo(destination);
            return true;
        }
    }

    /// <summary>
    /// Where a page's copy is; null if there is none. Only its saver, who alone frees it, may use it.
    /// </summary>
    internal byte* FindCopy(long page)
    {
        nint place = TryFind(page, out int index) ? Volatile.Read(ref _places[index]) : Gone;
        return place is InMemory or Gone or Left ? null : (byte*)place;
    }

    /// <summary>Leaves a page's copy, if there is one, to its saver: the interval has come to nothing.</summary>
    internal void LeaveCopy(long page)
    {
        if (FindCopy(page) is not null && TryFind(page, out int index))
        {
            lock (_lock)
            {
                _places[index] = Left;
            }
        }
    }

    /// <summary>Whether the page had a copy that was left to its saver.</summary>
    internal bool IsLeft(long page) => TryFind(page, out int index) && Volatile.Read(ref _places[index]) == Left;

    /// <summary>Nobody needs the page any more.</summary>
    internal void Forget(long page)
    {
        TryFind(page, out int index);
        nint place;
        lock (_lock)
        {
            place = _places[index];
            _places[index] = Gone;
        }

        if (place is not (InMemory or Gone or Left))
        {
            buffers.Return((byte*)place);
        }
    }

    /// <summary>The interval comes to nothing: from now on pages may be gone that nobody has saved.</summary>
    internal void GiveUp() => _isGivenUp = true;

    /// <summary>For whoever has found a page gone, and takes it for saved.</summary>
    /// <exception cref="KernelException">It may not be.</exception>
    internal void ThrowIfGivenUp()
    {
        if (_isGivenUp)
        {
            throw new KernelException(
                Status.NoSuchInterval, $"interval {interval} could not be saved: there is no such version any more");
        }
    }

    private bool TryFind(long page, out int index)
    {
        index = pages.BinarySearch(new PageNumber((ulong)page));
        return index >= 0;
    }
}
