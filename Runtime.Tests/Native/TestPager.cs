using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>A section with one window and a handler that a test gives; by default it populates and grants what is asked.</summary>
internal sealed unsafe class TestPager : IFaultHandler, IDisposable
{
    private int _upcalls;

    internal TestPager(
        TrapEngine engine, long length, Func<TestPager, long, FaultAccess, int>? serve = null, string name = "test")
    {
        Serve = serve ?? (static (pager, page, access) => pager.Grant(page, access));
        Section = engine.CreateSection(length);
        Window = Section.OpenWindow(name, this);
    }

    internal Func<TestPager, long, FaultAccess, int> Serve { get; set; }

    internal Section Section { get; }

    internal Window Window { get; }

    internal byte* Address => Window.Address;

    internal int Upcalls => Volatile.Read(ref _upcalls);

    internal Fault LastFault { get; private set; }

    public int OnFault(ref readonly Fault fault)
    {
        Interlocked.Increment(ref _upcalls);
        LastFault = fault;
        return Serve(this, fault.Offset / Section.PageSize, fault.Access);
    }

    public bool TryWithdraw(long page) => Window.TryProtect(page, 1, PageAccess.None);

    internal int Grant(long page, FaultAccess access, long pageCount = 1)
    {
        PageAccess granted = access == FaultAccess.Write ? PageAccess.ReadWrite : PageAccess.Read;
        return Section.TryPopulate(page, pageCount) && Window.TryProtect(page, pageCount, granted) ? 0 : 13;
    }

    public void Dispose()
    {
        Window.Dispose();
        Section.Dispose();
    }
}
