using Runtime.Core.Faults;

namespace Runtime.Core.Snapshots;

/// <summary>Holds the pages of a snapshot for its saver, some at a time.</summary>
/// <remarks>
/// The saver has it; whoever watches over savers may give it up. A manager that comes back after that is told by an
/// exception; what it was shown stays in memory until then, but may have been written meanwhile.
/// </remarks>
internal sealed unsafe class UnsavedPages(PendingSnapshot snapshot, FaultContext context)
{
    private const int Most = 256;

    [ThreadStatic]
    private static UnsavedPages? s_innermost;

    private readonly Lock _lock = new();                            // held by every call
    private readonly long[] _pages = new long[Most];
    private readonly nint[] _memory = new nint[Most];
    private readonly nint[] _buffers = new nint[Most];              // of those that were not in memory
    private readonly bool[] _isPinned = new bool[Most];             // of those left, whether in the container's memory
    private readonly TaskCompletionSource<IReadOnlyList<PendingSnapshot>> _abandoned =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private UnsavedPages? _outer;                                   // of a container that is kept in this one
    private long _signs;                                            // changed by Interlocked
    private long _signsSeen = -1;
    private int _silentLooks;
    private int _count;
    private int _next;
    private bool _hasEnded;

    internal PendingSnapshot Snapshot => snapshot;

    /// <summary>How many pages are held now.</summary>
    internal int Count => IsGivenUp ? throw GivenUp() : _count;

    /// <summary>Whether the kernel does not wait for the saver any more.</summary>
    internal bool IsGivenUp { get; private set; }

    internal bool TryNext(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        lock (_lock)
        {
            ThrowIfGivenUp();
            Release(isSaved: false);
            HoldNext(most);
            GiveSign();
            return _count > 0;
        }
    }

    internal PageNumber Page(int index) => new((ulong)_pages[Check(index)]);

    internal ReadOnlySpan<byte> Memory(int index) => new((void*)_memory[Check(index)], PageNumber.Size);

    internal void MarkSaved()
    {
        lock (_lock)
        {
            ThrowIfGivenUp();
            Release(isSaved: true);
            GiveSign();
        }
    }

    /// <summary>The calling thread begins to save; what is a sign here is one for what it saves already.</summary>
    internal void Begin() => (_outer, s_innermost) = (s_innermost, this);

    /// <summary>The saver is done, in whatever way, and nothing is held any more.</summary>
    internal void End()
    {
        s_innermost = _outer;
        lock (_lock)
        {
            _hasEnded = true;
            if (IsGivenUp)
            {
                ReleaseLeft();
            }
            else
            {
                Release(isSaved: false);
            }
        }
    }

    /// <summary>
    /// Lets the pages go if this many looks in a row have seen no sign of the saver; others may write the pages then
    /// and save them again. What they were shown in stays.
    /// </summary>
    /// <remarks>
    /// Looks, not time, are counted: a machine that sleeps, or a debugger that stops the process, takes time from all.
    /// </remarks>
    internal bool TryGiveUp(int looks)
    {
        if (!_lock.TryEnter())
        {
            return false;
        }

        try
        {
            if (_hasEnded || IsGivenUp || IsFirstLook() || ++_silentLooks < looks)
            {
                return false;
            }

            IsGivenUp = true;
            snapshot.Pages.GiveUp();
            for (int i = 0; i < _count; i++)
            {
                _isPinned[i] = snapshot.Memory.LeavePreserved(snapshot.Pages, _pages[i]);
            }

            return true;
        }
        finally
        {
            _lock.Exit();
        }
    }

    /// <summary>What came to nothing with it, oldest first.</summary>
    internal void SetAbandoned(IReadOnlyList<PendingSnapshot> snapshots) => _abandoned.SetResult(snapshots);

    /// <summary>For the saver that comes back: whoever gave it up is about to say.</summary>
    internal IReadOnlyList<PendingSnapshot> WaitForAbandoned() => _abandoned.Task.GetAwaiter().GetResult();

    /// <summary>Whether there was a sign since the look before.</summary>
    private bool IsFirstLook()
    {
        long signs = Interlocked.Read(ref _signs);
        bool isFirst = signs != _signsSeen;
        (_signsSeen, _silentLooks) = (signs, isFirst ? 0 : _silentLooks);
        return isFirst;
    }

    private void GiveSign()
    {
        for (UnsavedPages? pages = this; pages is not null; pages = pages._outer)
        {
            Interlocked.Increment(ref pages._signs);
        }
    }

    private void HoldNext(int most)
    {
        IReadOnlyList<PageNumber> all = snapshot.Pages.Pages;
        while (_count < Math.Min(most, Most) && _next < all.Count)
        {
            long page = (long)all[_next].Value;
            byte* buffer = null;
            if (snapshot.Memory.IsSpilled(page))
            {
                buffer = snapshot.Pages.Buffers.TryRent();
                if (buffer is null && _count > 0)
                {
                    break;                                          // when these are saved there is memory again
                }

                buffer = buffer is null ? snapshot.Pages.Buffers.RentOverdrawn() : buffer;
            }

            _next++;
            Hold(page, buffer);
        }
    }

    private void Hold(long page, byte* buffer)
    {
        byte* memory = null;
        try
        {
            memory = snapshot.Memory.HoldPreserved(snapshot.Pages, context, page, buffer);
        }
        finally
        {
            if (buffer is not null && memory != buffer)
            {
                snapshot.Pages.Buffers.Return(buffer);
                buffer = null;
            }
        }

        if (memory is not null)
        {
            _buffers[_count] = (nint)buffer;
            _memory[_count] = (nint)memory;
            _pages[_count++] = page;
        }
    }

    private void Release(bool isSaved)
    {
        for (int i = 0; i < _count; i++)
        {
            snapshot.Memory.ReleasePreserved(snapshot.Pages, _pages[i], isSaved);
            if (_buffers[i] != 0)
            {
                snapshot.Pages.Buffers.Return((byte*)_buffers[i]);
            }
        }

        _count = 0;
    }

    private void ReleaseLeft()
    {
        for (int i = 0; i < _count; i++)
        {
            if (_isPinned[i])
            {
                snapshot.Memory.ReleaseLeft(_pages[i]);
            }
            else
            {
                snapshot.Pages.Buffers.Return((byte*)_memory[i]);
            }
        }

        _count = 0;
    }

    private int Check(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index;
    }

    private void ThrowIfGivenUp()
    {
        if (IsGivenUp)
        {
            throw GivenUp();
        }
    }

    private KernelException GivenUp() => new(
        Status.DeadlineExceeded,
        $"container '{snapshot.Memory.Name}': interval {snapshot.Snapshot.Interval} was given up, since its manager "
            + "gave no sign while it was to save it");
}
