using Runtime.Core.Faults;
using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <summary>Saying beforehand what will be used, and holding it.</summary>
public sealed partial class ContainerView
{
    /// <summary>Brings pages in, in the background, as touches would; nobody waits for it.</summary>
    /// <param name="offset">Any byte offset.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="cancellationToken">Ends it between two pages; a page under way comes all the same.</param>
    /// <returns>
    /// How many bytes from <paramref name="offset"/> on were brought in, or were there: fewer than asked for if they
    /// are more than a quarter of the kernel's memory, a page could not be supplied, or the container was closed.
    /// They may have gone again by then; <see cref="Pin"/> holds them.
    /// </returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<long> PrefetchAsync(long offset, long length, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CheckRange(offset, length);
        return length == 0
            ? Task.FromResult(0L)
            : Task.Run(() => Prefetch(offset, length, cancellationToken), cancellationToken);
    }

    /// <summary>Says how a range is going to be used. A hint: nothing fails if it is wrong.</summary>
    /// <param name="offset">Any byte offset; pages count whole, but for <see cref="AccessPattern.DontNeed"/>.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="pattern">
    /// <see cref="AccessPattern.Normal"/>, <see cref="AccessPattern.Sequential"/> and
    /// <see cref="AccessPattern.Random"/> stay until the next of these for the range; the others are of the moment.
    /// </param>
    /// <remarks>Where others are mapped, it is said of those. Managers are told (<c>ContainerAdvised</c>).</remarks>
    /// <exception cref="ObjectDisposedException">The container was closed.</exception>
    public void Advise(long offset, long length, AccessPattern pattern)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (!Enum.IsDefined(pattern))
        {
            throw new ArgumentOutOfRangeException(nameof(pattern), pattern, "not a pattern");
        }

        CheckRange(offset, length);
        if (_memory.IsClosed)
        {
            throw FaultFailure.ToException(_memory, _memory, (ulong)offset, Access.Read, Status.ContainerGone);
        }

        long first = offset / PageNumber.Size;
        long end = PageNumber.CountFor(offset + length);
        if (pattern == AccessPattern.DontNeed)
        {
            first = PageNumber.CountFor(offset);                    // of a page in part, somebody may need the rest
            end = offset + length == Length ? end : (offset + length) / PageNumber.Size;
        }

        if (first >= end)
        {
            return;
        }

        foreach (LeasePart part in _window.PartsOf(first, end - first))
        {
            part.Owner.Advise(part.Page, part.Count, pattern);
        }

        if (pattern == AccessPattern.WillNeed)
        {
            _ = PrefetchAsync(offset, length);
        }
    }

    /// <summary>Brings a range in and keeps it in memory: no touch of it asks the manager any more.</summary>
    /// <param name="offset">Any byte offset.</param>
    /// <param name="length">Bytes, at least 1.</param>
    /// <returns>Dispose it to let the pages go. Like a read lease, closing and shrinking wait for it.</returns>
    /// <exception cref="ContainerFaultException">
    /// <see cref="Status.NoResources"/> if the kernel's memory has no room for them, beside what else is held; as for a
    /// lease otherwise. None is held then.
    /// </exception>
    public PagePin Pin(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        CheckRange(offset, length);
        return new PagePin(_memory, Hold(offset, length, Access.Read, holder: null), length);
    }

    private long Prefetch(long offset, long length, CancellationToken cancellationToken)
    {
        long first = offset / PageNumber.Size;
        long end = first + Math.Min(Containers.Lease.PagesOf(offset, length), _memory.MostToPrefetch);
        long page = first;
        while (page < end && TryBring(page, end - page))
        {
            page++;
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Math.Clamp((page * PageNumber.Size) - offset, 0, length);
    }

    /// <summary>As a fault would, but for the fault.</summary>
    private bool TryBring(long page, long pagesLeft)
    {
        Pane pane = _window.Find(page);
        ContainerMemory owner = pane.Owner;
        if (!owner.TryEnter())
        {
            return false;
        }

        try
        {
            return owner.TryBring(pane, pane.ToOwner(page), Math.Min(pagesLeft, pane.CountFrom(page)));
        }
        finally
        {
            owner.Leave();
        }
    }
}
