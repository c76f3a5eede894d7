using Runtime.Native;
using Runtime.Native.Windows;

namespace Runtime.Tests.Native;

/// <summary>
/// A section with one window and a handler that a test gives; by default it populates and grants what is asked.
/// </summary>
internal sealed unsafe class TestPager : IFaultHandler, IDisposable
{
    private int _upcalls;
    private int _running;
    private volatile bool _isDisposed;

    internal TestPager(
        TrapEngine engine, long length, Func<TestPager, long, FaultAccess, int>? serve = null, string name = "test")
    {
        Serve = serve ?? (static (pager, page, access) => pager.Grant(page, access));
        Section = engine.CreateSection(length);
        Window = Section.OpenWindow(name, this);
        if (Wine.IsHere)
        {
            // Wine shows a new chunk open before it can be closed: whoever races first touches finds this one made.
            Section.TryPopulate(Chunk.Pages - 1, 1, out _);
        }
    }

    internal Func<TestPager, long, FaultAccess, int> Serve { get; set; }

    internal Section Section { get; }

    internal Window Window { get; }

    internal byte* Address => Window.Address;

    internal int Upcalls => Volatile.Read(ref _upcalls);

    internal Fault LastFault { get; private set; }

    /// <summary>If set, what the serving thread serves while the handler runs.</summary>
    internal ulong ServesAs { get; init; }

    /// <summary>Whether grants can be spared; all can, unless a test says otherwise.</summary>
    internal bool IsPinned { get; set; }

    public int OnFault(ref readonly Fault fault)
    {
        Interlocked.Increment(ref _running);
        ulong before = fault.Serving;
        try
        {
            if (_isDisposed)
            {
                return FaultStatus.Closed;
            }

            Interlocked.Increment(ref _upcalls);
            LastFault = fault;
            fault.Serving = ServesAs != 0 ? ServesAs : before;
            return Serve(this, fault.Offset / Section.PageSize, fault.Access);
        }
        finally
        {
            fault.Serving = before;
            Interlocked.Decrement(ref _running);
        }
    }

    public bool TryWithdraw(long page)
    {
        if (!IsPinned)
        {
            Window.Withdraw(page);
        }

        return !IsPinned;
    }

    internal int Grant(long page, FaultAccess access, long pageCount = 1)
    {
        PageAccess granted = access == FaultAccess.Write ? PageAccess.ReadWrite : PageAccess.Read;
        return Section.TryPopulate(page, pageCount, out _) && Window.TryProtect(page, pageCount, granted) ? 0 : 13;
    }

    /// <summary>Waits for its handlers: one may still be serving a thread that meanwhile went on without it.</summary>
    public void Dispose()
    {
        Window.Dispose();
        _isDisposed = true;
        SpinWait.SpinUntil(() => Volatile.Read(ref _running) == 0);
        Section.Dispose();
    }
}
