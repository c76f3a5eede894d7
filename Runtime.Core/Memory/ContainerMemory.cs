using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>
/// The resident pages of an open container: its section, its window, its page table, and who moves pages.
/// </summary>
/// <remarks>Thread safe. The window's protection of a page changes only under a claim on its entry.</remarks>
internal sealed unsafe partial class ContainerMemory : IDisposable
{
    private readonly PageWaiters _waiters = new();
    private readonly Section _section;
    private readonly FaultRouter _router;
    private readonly InFlight _inFlight = new();
    private long _upcalls;
    private long _readFaults;
    private long _writeFaults;
    private long _residentPages;

    internal ContainerMemory(
        TrapEngine engine, string name, Manager manager, ManagedContainer managed, bool isReadOnly, TimeSpan deadline)
    {
        Name = name;
        Manager = manager;
        Token = managed.Token;
        Length = managed.Length;
        IsReadOnly = isReadOnly;
        DeadlineMs = (int)deadline.TotalMilliseconds;
        Table = new PageTable(PageNumber.CountFor(Math.Max(Length, 1)));
        _section = engine.CreateSection(Math.Max(Length, 1));
        _router = new FaultRouter(this);
        try
        {
            Window = _section.OpenWindow(name, _router);
        }
        catch
        {
            _section.Dispose();
            throw;
        }
    }

    internal string Name { get; }

    internal Manager Manager { get; }

    internal Token Token { get; }

    /// <summary>The kernel that serves it.</summary>
    internal MachineId Machine { get; } = MachineId.Here;

    internal long Length { get; }

    internal bool IsReadOnly { get; }

    internal int DeadlineMs { get; }

    internal bool IsClosed => _inFlight.IsClosed;

    internal PageTable Table { get; }

    internal Window Window { get; }

    internal CutGate Gate { get; } = new();

    /// <summary>The leases that are out, of either kind.</summary>
    internal InFlight Leases { get; } = new();

    internal long Upcalls => Interlocked.Read(ref _upcalls);

    internal long ReadFaults => Interlocked.Read(ref _readFaults);

    internal long WriteFaults => Interlocked.Read(ref _writeFaults);

    internal long ResidentPages => Interlocked.Read(ref _residentPages);

    /// <summary>A page in the kernel view; only for the holder of a claim or a pin.</summary>
    internal Span<byte> KernelView(long page) => new(_section.PageAddress(page), PageNumber.Size);

    internal void CountFault(FaultAccess access) =>
        Interlocked.Increment(ref access == FaultAccess.Write ? ref _writeFaults : ref _readFaults);

    /// <summary>Whether a fault may be served; each true is followed by <see cref="Leave"/>.</summary>
    internal bool TryEnter() => _inFlight.TryEnter();

    internal void Leave() => _inFlight.Leave();

    /// <summary>Lets no new lease begin and waits for those that are out; on failure leases may begin again.</summary>
    internal bool TryEndLeases(TimeSpan limit)
    {
        Leases.TryClose();
        if (Leases.WaitUntilEmpty((int)limit.TotalMilliseconds))
        {
            return true;
        }

        Leases.Reopen();
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

        Window.Dispose();
        if (_inFlight.WaitUntilEmpty(DeadlineMs))
        {
            _section.Dispose();                                     // else a manager hangs in it: left to the finalizer
        }
    }
}
