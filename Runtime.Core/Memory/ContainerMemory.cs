using Runtime.Core.Managers;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>
/// The resident pages of an open container: its section, its windows, its page table, and who moves pages.
/// </summary>
/// <remarks>Thread safe. What windows allow on a page changes only under a claim on its entry.</remarks>
internal sealed unsafe partial class ContainerMemory : IDisposable
{
    private readonly PageWaiters _waiters = new();
    private readonly Section _section;
    private readonly InFlight _inFlight = new();
    private readonly ResidentMemory _resident;
    private readonly Lock _leaseLock = new();                       // guards _leaseStops, and its order with Leases
    private int _leaseStops;                                        // several may want leases to end at the same time
    private long _length;
    private long _allocated;
    private long _upcalls;
    private long _evictions;
    private long _prefetched;
    private long _forced;
    private long _readFaults;
    private long _writeFaults;
    private long _residentPages;

    internal ContainerMemory(
        TrapEngine engine,
        ResidentMemory resident,
        string name,
        Manager manager,
        ManagedContainer managed,
        long maximumLength,
        bool isReadOnly,
        TimeSpan deadline)
    {
        _resident = resident;
        Name = name;
        Manager = manager;
        Token = managed.Token;
        _length = managed.Length;
        _line = managed.Baseline;
        _level = managed.Level;
        _issued = new StateInterval(managed.OpenInterval.Value - 1);
        IsReadOnly = isReadOnly;
        DeadlineMs = (int)deadline.TotalMilliseconds;
        FaultDeadlineMs = DeadlineMs;
        _section = engine.CreateSection(Math.Max(maximumLength, 1));
        Table = new PageTable(PageNumber.CountFor(_section.MaximumLength));
        try
        {
            Windows = new WindowSet(this, _section);
        }
        catch
        {
            _section.Dispose();
            throw;
        }

        _hand = resident.Add(this);
    }

    internal string Name { get; }

    /// <summary>The kernel that serves it.</summary>
    internal MachineId Machine { get; } = MachineId.Here;

    /// <summary>Bytes; what lies beyond is out of reach.</summary>
    internal long Length => Volatile.Read(ref _length);

    /// <summary>The most that it can grow to while it is open.</summary>
    internal long MaximumLength => _section.MaximumLength;

    /// <summary>How long the kernel waits for the manager.</summary>
    internal int DeadlineMs { get; }

    /// <summary>How long a fault waits for its page; the program may change it.</summary>
    internal int FaultDeadlineMs { get; set; }

    internal bool IsClosed => _inFlight.IsClosed;

    internal PageTable Table { get; }

    internal WindowSet Windows { get; }

    internal Section Section => _section;

    internal CutGate Gate { get; } = new();

    /// <summary>The leases that are out, of either kind.</summary>
    internal InFlight Leases { get; } = new();

    internal long Upcalls => Interlocked.Read(ref _upcalls);

    internal long ReadFaults => Interlocked.Read(ref _readFaults);

    internal long WriteFaults => Interlocked.Read(ref _writeFaults);

    /// <summary>Pages that left memory for want of it.</summary>
    internal long Evictions => Interlocked.Read(ref _evictions);

    /// <summary>Pages that were brought in before anybody asked for them.</summary>
    internal long Prefetched => Interlocked.Read(ref _prefetched);

    /// <summary>Pages that were taken from the manager without its leave.</summary>
    internal long Forced => Interlocked.Read(ref _forced);

    internal long ResidentPages => Interlocked.Read(ref _residentPages);

    /// <summary>A page in the kernel view; only for the holder of a claim or a pin.</summary>
    internal Span<byte> KernelView(long page) => new(_section.PageAddress(page), PageNumber.Size);

    internal void CountFault(FaultAccess access) =>
        Interlocked.Increment(ref access == FaultAccess.Write ? ref _writeFaults : ref _readFaults);

    /// <summary>Whether a fault may be served; each true is followed by <see cref="Leave"/>.</summary>
    internal bool TryEnter() => _inFlight.TryEnter();

    internal void Leave() => _inFlight.Leave();

    /// <summary>
    /// Lets no new lease begin and waits for those that are out, until <see cref="ReopenLeases"/>; on failure leases
    /// may begin again.
    /// </summary>
    internal bool TryEndLeases(TimeSpan limit)
    {
        lock (_leaseLock)
        {
            _leaseStops++;
            Leases.TryClose();
        }

        if (Leases.WaitUntilEmpty((int)limit.TotalMilliseconds))
        {
            return true;
        }

        ReopenLeases();
        return false;
    }

    /// <summary>
    /// Closes the window, waits for the faults being served, and frees the pages; late accesses fail.
    /// </summary>
    public void Dispose()
    {
        if (!_inFlight.TryClose())
        {
            return;
        }

        _resident.BeginClose();
        try
        {
            _resident.Remove(this);
            Graph.Close(this);
            CancelRequests();
            if (_inFlight.WaitUntilEmpty(DeadlineMs))
            {
                _section.Dispose();                                 // else a manager hangs in it: left to the finalizer
                GiveBack(Interlocked.Read(ref _allocated));
                FreeAllSpilled();
            }
        }
        finally
        {
            _resident.EndClose();
        }
    }

    /// <summary>Gives absent pages memory that was paid for; what it did not cost is given back.</summary>
    /// <returns>False if the system has none; then none of them has any.</returns>
    private bool TryPopulate(long page, long count, long paid)
    {
        bool isPopulated = _section.TryPopulate(page, count, out long allocated);
        CountAllocated(allocated);
        if (allocated < paid)
        {
            _resident.Budget.Give(paid - allocated);
        }
        else if (allocated > paid)
        {
            _resident.Budget.Overdraw(allocated - paid);            // another page's memory went meanwhile
        }

        if (!isPopulated && allocated > 0)
        {
            GiveBack(Math.Min(_section.Discard(page, count), allocated));
        }

        return isPopulated;
    }

    /// <summary>The system has this many pages of memory back.</summary>
    private void GiveBack(long pages)
    {
        CountAllocated(-pages);
        _resident.Budget.Give(pages);
    }
}
