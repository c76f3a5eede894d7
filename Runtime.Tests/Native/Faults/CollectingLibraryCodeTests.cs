using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// The runtime's own library over a raw window whose handler collects at every page: it is made of managed loops, which
/// can be stopped or rescued, and of native code that the runtime does not wait for.
/// </summary>
public sealed unsafe class CollectingLibraryCodeTests(TrapEngine engine) : TrapContract(engine)
{
    private static readonly int s_pages = OperatingSystem.IsWindows() ? 24 : 64;  // rescues are slow under Wine
    private static readonly int s_bytes = s_pages * Section.PageSize;

    private delegate void Use(Span<byte> window);

    [Test]
    public void Span_CopyTo_reads_a_raw_window_whose_handler_collects() =>
        OverCollectingWindow(static window => window.CopyTo(new byte[s_bytes]));

    [Test]
    public void Span_CopyTo_writes_a_raw_window_whose_handler_collects() =>
        OverCollectingWindow(static window => new byte[s_bytes].AsSpan().CopyTo(window));

    [Test]
    public void Span_Clear_writes_a_raw_window_whose_handler_collects() =>
        OverCollectingWindow(static window => window.Clear());

    [Test]
    public void Span_Fill_writes_a_raw_window_whose_handler_collects() =>
        OverCollectingWindow(static window => window.Fill(7));

    [Test]
    public void Span_IndexOf_searches_a_raw_window_whose_handler_collects() =>
        OverCollectingWindow(static window => window.IndexOf((byte)77));

    private void OverCollectingWindow(Use use)
    {
        using TestPager pager = Pager(static (pager, page, _) =>
        {
            GC.Collect();
            return pager.Grant(page, FaultAccess.Write);
        });
        long before = Trap.Statistics.Rescues;
        int caught = 0;
        while (!TryUse(use, pager.Address))
        {
            caught++;
            Assert.That(Trap.LastFault!.IsRescued, Is.True, $"{Trap.LastFault}");
            Assert.That(caught, Is.LessThanOrEqualTo(2 * s_pages), "each time one page more is there, or soon");
        }

        Assert.That(Trap.Statistics.Rescues - before, Is.EqualTo(caught));
        Assert.That(pager.Upcalls, Is.GreaterThanOrEqualTo(s_pages));
        TestContext.Out.WriteLine($"{caught} rescued");
    }

    private static bool TryUse(Use use, byte* window)
    {
        try
        {
            use(new Span<byte>(window, s_bytes));
            return true;
        }
        catch (NullReferenceException)
        {
            return false;
        }
    }
}
