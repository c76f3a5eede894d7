using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Pages that go because the container shrinks or goes back to an older version.</summary>
internal sealed partial class ContainerMemory
{
    private volatile bool _isRestoring;
    private volatile bool _isResized;

    /// <summary>Whether the open interval differs from the one before: a page was written, or the length set.</summary>
    internal bool HasChanged => _isResized || CountWritten() > 0;

    /// <summary>Changes the length; leases have ended if it shrinks, and no cut is made.</summary>
    /// <returns>What the manager said; anything but Success changes nothing.</returns>
    internal Status Resize(long length)
    {
        long before = Length;
        if (length < before)
        {
            ThrowIfLeft();
        }

        // First what can fail: the page at the shorter end is brought in, and held if there is something to clear.
        Status status = PinTail(Math.Min(length, before), out Tail tail);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            if (length > before)
            {
                tail.Clear(this);
            }

            status = HaveResized(before, length);
            if (status == Status.Success && length < before)
            {
                tail.Clear(this);
            }

            return status;
        }
        finally
        {
            tail.Unpin(this);
        }
    }

    private Status HaveResized(long before, long length)
    {
        // A shorter length first, so that nobody brings in what is to go; a longer one last.
        Volatile.Write(ref _length, Math.Min(length, before));
        Status status = Status.ManagerFailed;
        try
        {
            status = Manager.ContainerResize(Token, length);
        }
        finally
        {
            if (status != Status.Success)
            {
                Volatile.Write(ref _length, before);
            }
        }

        if (status == Status.Success)
        {
            _isResized = true;
            Drop(PageNumber.CountFor(length));
            Volatile.Write(ref _length, length);
        }

        return status;
    }

    /// <summary>
    /// Goes back to another version: <paramref name="restore"/> has the manager change over and returns the length. The
    /// gate is closed, leases have ended, and nothing is dirty or unsaved.
    /// </summary>
    internal void Restore(Func<long> restore)
    {
        ThrowIfLeft();
        _isRestoring = true;
        try
        {
            Drop(firstPage: 0);
            Volatile.Write(ref _length, restore());
            ForgetLost();

            // A fault that came before the first pass may have brought in an old page after it.
            Drop(firstPage: 0);
        }
        finally
        {
            _isRestoring = false;
            _progress.Signal();
        }
    }

    /// <summary>Brings in the page that an end is in, and holds it for writing if there is something beyond.</summary>
    private Status PinTail(long length, out Tail tail)
    {
        tail = default;
        int offset = (int)(length % PageNumber.Size);
        long page = length / PageNumber.Size;
        if (offset == 0)
        {
            return Status.Success;
        }

        Status status = PinRange(Windows.FindInMain(page), page, 1, Access.Read);
        if (status != Status.Success)
        {
            return status;
        }

        bool isClear = !KernelView(page)[offset..].ContainsAnyExcept((byte)0);
        UnpinRange(page, 1);
        if (isClear)
        {
            return Status.Success;
        }

        status = PinRange(Windows.FindInMain(page), page, 1, Access.Write);
        tail = status == Status.Success ? new Tail(page, offset) : default;
        return status;
    }

    /// <summary>Bytes beyond the end in its page: they read as zeroes, whoever wrote them by a raw pointer.</summary>
    private readonly record struct Tail(long Page, int Offset)
    {
        internal void Clear(ContainerMemory memory)
        {
            if (Offset > 0)
            {
                memory.KernelView(Page)[Offset..].Clear();
            }
        }

        internal void Unpin(ContainerMemory memory)
        {
            if (Offset > 0)
            {
                memory.UnpinRange(Page, 1);
            }
        }
    }

    /// <summary>
    /// Takes every page from <paramref name="firstPage"/> on out of memory, whatever was written in it.
    /// </summary>
    private void Drop(long firstPage)
    {
        Interlocked.MemoryBarrier();                                // a new length is seen by whoever claims behind us
        FaultContext context = FaultContext.BeginServing(this);
        try
        {
            for (long page = Table.FindUsed(firstPage); page < PageCount; page = Table.FindUsed(page + 1))
            {
                if (!IsRoot(page))
                {
                    Drop(context, page);
                }
            }
        }
        finally
        {
            context.EndServing();
        }
    }

    private void Drop(FaultContext context, long page)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (entry.Phase == PagePhase.Absent && entry.IsSpilled)
            {
                if (entry.IsUnsaved)
                {
                    _progress.Wait(long.MaxValue);                  // the snapshot's saver takes it from there
                }
                else if (Table.TryMove(page, entry, entry.DropSpilled()))
                {
                    FreeSpilled(entry);
                    Table.ForgetWrite(page);
                    return;
                }
            }
            else if (entry.Phase == PagePhase.Absent)
            {
                if (!entry.IsEvicted || Table.TryMove(page, entry, entry.ForgetEvicted()))
                {
                    Table.ForgetWrite(page);
                    return;
                }
            }
            else if (entry.IsClaimed)
            {
                _waiters.Wait(Table, page, entry, LongestSleepMs);
            }
            else if (entry.IsUnsaved)
            {
                PutAside(context, page, entry);
            }
            else if (Table.TryMove(page, entry, entry.BeginEvict(context.Number)))
            {
                if (!Windows.TryLower(page, 1, PageAccess.None))
                {
                    AbandonVictim(page);
                    throw new KernelException(
                        Status.NoResources,
                        $"container '{Name}': the system refused to close its window to page {page}");
                }

                GiveBack(_section.Discard(page, 1));
                Table.ForgetWrite(page);
                End(page, 0, static (dropped, _) => dropped.Drop());
                Interlocked.Decrement(ref _residentPages);
                return;
            }
        }
    }

    /// <summary>A snapshot that is not saved yet keeps what it had.</summary>
    private void PutAside(FaultContext context, long page, PageEntry entry)
    {
        if (!Table.TryMove(page, entry, entry.BeginGrant(context.Number)))
        {
            return;
        }

        Table.NoteWrite(page);
        bool isPreserved = TryPreserve(page);
        EndGrant(page, entry.Granted, entry.IsDirty || isPreserved); // as in Grant, should the page stay after all
        if (!isPreserved)
        {
            _progress.Wait(long.MaxValue);
        }
    }
}
