using System.Collections.Immutable;
using Runtime.Core.Faults;
using Runtime.Core.Snapshots;

namespace Runtime.Core.Memory;

/// <summary>Pages of closed intervals that are not saved yet: kept as they were until they are.</summary>
internal sealed partial class ContainerMemory
{
    private readonly Progress _progress = new();
    private ImmutableList<PendingSnapshot> _pending = [];           // oldest first; changed under CutLock
    private long _copies;
    private long _left;                                             // pages that savers may look at who were given up

    /// <summary>Held from the first page that a cut holds to its end, and while intervals are given up.</summary>
    internal Lock CutLock { get; } = new();

    /// <summary>Why the last snapshot that could not be saved was not; null if there was none.</summary>
    internal KernelException? SaveFailure { get; set; }

    /// <summary>The snapshots that are not saved yet, oldest first.</summary>
    internal ImmutableList<PendingSnapshot> Pending => Volatile.Read(ref _pending);

    /// <summary>How many pages were copied aside because they were written before they were saved.</summary>
    internal long Copies => Interlocked.Read(ref _copies);

    internal void AddPending(PendingSnapshot snapshot) => Volatile.Write(ref _pending, _pending.Add(snapshot));

    internal void RemovePending(PendingSnapshot snapshot) => Volatile.Write(ref _pending, _pending.Remove(snapshot));

    /// <summary>
    /// Holds a page of a closed interval for its saver: the claim on it, unless a copy was put aside.
    /// </summary>
    /// <param name="pages">Those of the interval.</param>
    /// <param name="saver">Who holds it.</param>
    /// <param name="page">Which.</param>
    /// <param name="buffer">A page, for the content if it is not in memory; it may be null if that cannot be.</param>
    /// <returns>The content, until <see cref="ReleasePreserved"/>; null if it is saved already.</returns>
    /// <exception cref="VolumeException">It was spilled, and cannot be read back.</exception>
    internal unsafe byte* HoldPreserved(PreservedPages pages, FaultContext saver, long page, byte* buffer)
    {
        if (!TryHoldPreserved(pages, saver, page))
        {
            return pages.FindCopy(page);
        }

        PageEntry held = Table[page];
        if (!held.IsSpilled)
        {
            return _section.PageAddress(page);
        }

        try
        {
            _resident.Spill.Read(held.Slot, new Span<byte>(buffer, PageNumber.Size));
            return buffer;
        }
        catch
        {
            ReleasePreserved(pages, page, isSaved: false);
            throw;
        }
    }

    /// <summary>Nobody needs a page of a closed interval any more.</summary>
    internal unsafe void ForgetPreserved(PreservedPages pages, FaultContext saver, long page)
    {
        if (TryHoldPreserved(pages, saver, page) || pages.FindCopy(page) is not null)
        {
            ReleasePreserved(pages, page, isSaved: true);
        }
    }

    internal void ReleasePreserved(PreservedPages pages, long page, bool isSaved)
    {
        bool isClaimed = pages.IsInMemory(page);                    // and stays so: the claim is ours
        if (isSaved)
        {
            pages.Forget(page);
        }

        if (isClaimed && isSaved)
        {
            FreeSpilled(End(page, 0, static (entry, _) => entry.EndSave()));
        }
        else if (isClaimed)
        {
            End(page, 0, static (entry, _) => entry.AbandonSave(entry.Granted));
        }

        if (isSaved)
        {
            _progress.Signal();
        }
    }

    /// <summary>
    /// Releases a page though its saver may still look at it: what it looks at stays where it is, until
    /// <see cref="ReleaseLeft"/> or, if it is not in this memory, until the saver gives it back.
    /// </summary>
    /// <returns>Whether it is in this memory.</returns>
    internal bool LeavePreserved(PreservedPages pages, long page)
    {
        if (!pages.IsInMemory(page))
        {
            pages.LeaveCopy(page);
            return false;
        }

        if (Table[page].IsSpilled)
        {
            End(page, 0, static (entry, _) => entry.AbandonSave(entry.Granted));
            return false;
        }

        Interlocked.Increment(ref _left);
        End(page, 0, static (entry, _) => entry.AbandonSave(entry.Granted).Pin());
        return true;
    }

    internal void ReleaseLeft(long page)
    {
        UnpinRange(page, 1);
        Interlocked.Decrement(ref _left);
    }

    /// <exception cref="KernelException"><see cref="Status.Busy"/>.</exception>
    private void ThrowIfLeft()
    {
        if (Interlocked.Read(ref _left) is > 0 and long left)
        {
            throw new KernelException(
                Status.Busy,
                $"container '{Name}': {left} pages must stay in memory for as long as a manager, which was given up, "
                    + "may be looking at them");
        }
    }

    /// <summary>
    /// The interval came to nothing: what memory still holds of it, and what its manager has, the open interval has
    /// written.
    /// </summary>
    internal void ReopenPreserved(PreservedPages pages, FaultContext context)
    {
        pages.GiveUp();                                             // first: who finds a page gone looks at it then
        foreach (PageNumber evicted in pages.Evicted)
        {
            NoteEvicted((long)evicted.Value);
        }

        foreach (PageNumber number in pages.Pages)
        {
            long page = (long)number.Value;
            unsafe
            {
                if (!TryHoldPreserved(pages, context, page) && pages.FindCopy(page) is null && !pages.IsLeft(page))
                {
                    NoteEvicted(page);                              // saved, to no end
                    continue;
                }
            }

            bool isClaimed = pages.IsInMemory(page);
            pages.Forget(page);
            if (isClaimed)
            {
                Table.NoteWrite(page);
                End(page, 0, static (entry, _) => entry.Reopen());
            }
        }

        _isResized = true;                                          // perhaps it was in this interval
        _progress.Signal();
    }

    /// <summary>Reads a page as it was at the end of a closed interval that is not saved yet.</summary>
    /// <returns>False if its manager holds it: it is saved, or the interval did not write it.</returns>
    /// <exception cref="KernelException">The interval came to nothing.</exception>
    internal bool TryReadPreserved(PreservedPages pages, long page, Span<byte> destination)
    {
        while (true)
        {
            if (!pages.IsInMemory(page))
            {
                if (pages.TryReadCopy(page, destination))
                {
                    return true;
                }

                pages.ThrowIfGivenUp();
                return false;
            }

            PageEntry entry = Table[page];
            if (entry.IsClaimed)
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
            else if (CanBeHeld(entry) && Table.TryMove(page, entry, entry.BeginSave(owner: 0)))
            {
                bool isStill = pages.IsInMemory(page);
                try
                {
                    if (isStill)
                    {
                        ReadHeld(entry, page, destination);
                    }
                }
                finally
                {
                    End(page, 0, static (held, _) => held.AbandonSave(held.Granted));
                }

                if (isStill)
                {
                    return true;
                }
            }
        }
    }

    /// <summary>The claim on a page, if it is as it was at the cut.</summary>
    /// <returns>False if a copy was put aside, or it is saved.</returns>
    private bool TryHoldPreserved(PreservedPages pages, FaultContext saver, long page)
    {
        while (pages.IsInMemory(page))
        {
            PageEntry entry = Table[page];
            if (entry.IsClaimed)
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
            else if (CanBeHeld(entry) && Table.TryMove(page, entry, entry.BeginSave(saver.Number)))
            {
                if (pages.IsInMemory(page))
                {
                    return true;
                }

                End(page, 0, static (held, _) => held.AbandonSave(held.Granted));
            }
        }

        return false;
    }

    /// <summary>Puts a copy aside of a page that is about to be written; the caller holds the claim.</summary>
    private bool TryPreserve(long page)
    {
        ImmutableList<PendingSnapshot> pending = Pending;
        for (int i = pending.Count - 1; i >= 0; i--)
        {
            PreservedPages preserved = pending[i].Pages;
            if (preserved.IsInMemory(page))
            {
                if (!preserved.TryCopy(page, KernelView(page)))
                {
                    return false;
                }

                Interlocked.Increment(ref _copies);
                break;
            }
        }

        Table.Move(page, 0, static (entry, _) => entry.Preserve());
        return true;
    }

    /// <summary>Waits until the background save has come on, or the fault's time is over.</summary>
    private bool WaitForSave(FaultContext context) => _progress.Wait(context.DeadlineMs);
}
