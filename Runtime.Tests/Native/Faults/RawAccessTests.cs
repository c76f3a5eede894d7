using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>The fourth line of DESIGN 5's table: managed code on raw pointers.</summary>
public sealed unsafe class RawAccessTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void A_fault_of_managed_code_is_posted_to_a_pager_thread()
    {
        ulong server = 0;
        using TestPager pager = Pager((pager, page, access) =>
        {
            server = Helpers.kh_thread_id();
            return pager.Grant(page, access);
        });
        long before = Trap.Statistics.ManagedFaults;

        Raw.Write(pager.Address + 5, 7);

        Assert.That(server, Is.Not.Zero.And.Not.EqualTo(Helpers.kh_thread_id()));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.Managed));
        Assert.That(pager.LastFault.Offset, Is.EqualTo(5));
        Assert.That(pager.LastFault.Access, Is.EqualTo(FaultAccess.Write));
        Assert.That(Trap.Statistics.ManagedFaults - before, Is.EqualTo(1));
        Assert.That(pager.Section.PageAddress(0)[5], Is.EqualTo(7));
    }

    [Test]
    public void The_instruction_is_retried_until_it_succeeds()
    {
        using TestPager pager = Pager((pager, page, access) =>
        {
            Thread.Sleep(50);
            return pager.Grant(page, access);
        });
        TrapStatistics before = Trap.Statistics;

        Raw.Write(pager.Address, 7);

        Assert.That(Trap.Statistics.Retries - before.Retries, Is.GreaterThan(1));
        Assert.That(Trap.Statistics.ManagedFaults - before.ManagedFaults, Is.EqualTo(1), "a retry is no new fault");
        Assert.That(pager.Upcalls, Is.EqualTo(1));
    }

    [Test]
    public void A_fault_whose_page_comes_another_way_goes_on_without_its_answer()
    {
        using var granted = new ManualResetEventSlim();
        using TestPager pager = Pager((_, _, _) =>
        {
            granted.Wait();
            return 35;
        });
        var other = new Thread(() =>
        {
            SpinWait.SpinUntil(() => pager.Upcalls == 1);
            pager.Grant(0, FaultAccess.Write);
        });
        other.Start();
        Raw.Write(pager.Address, 7);
        granted.Set();
        other.Join();

        // The answer to that touch, a failure, must not be taken for the answer to the next.
        pager.Window.TryProtect(0, 1, PageAccess.None);
        Thread.Sleep(1500);
        pager.Serve = static (pager, page, access) => pager.Grant(page, access);
        Assert.That(Raw.Read(pager.Address), Is.EqualTo(7));
    }

    [Test]
    public void A_handler_that_takes_500_ms_is_never_rescued()
    {
        using TestPager pager = SlowPager();
        long before = Trap.Statistics.Rescues;
        for (int page = 0; page < 4; page++)
        {
            Raw.Write(pager.Address + page * Section.PageSize, 1);
        }

        Assert.That(Trap.Statistics.Rescues, Is.EqualTo(before));
        Assert.That(pager.Upcalls, Is.EqualTo(4));
    }

    [Test]
    public void A_handler_that_takes_500_ms_is_never_rescued_under_load()
    {
        using var load = new Load(threads: 2);
        using TestPager pager = SlowPager();
        long before = Trap.Statistics.Rescues;
        for (int page = 0; page < 4; page++)
        {
            Raw.Write(pager.Address + page * Section.PageSize, 1);
        }

        Assert.That(Trap.Statistics.Rescues, Is.EqualTo(before));
    }

    [Test]
    public void A_fault_is_given_up_at_its_deadline()
    {
        using var release = new ManualResetEventSlim();
        using TestPager pager = Pager((_, _, _) =>
        {
            release.Wait();
            return 0;
        });
        using (new ShortDeadline(TimeSpan.FromMilliseconds(300)))
        {
            nint address = (nint)pager.Address;
            Assert.That(() => Raw.Read((byte*)address), Throws.TypeOf<NullReferenceException>());
        }

        release.Set();
        Assert.That(Trap.LastFault!.Status, Is.EqualTo(FaultStatus.DeadlineExceeded));
        Assert.That(Trap.LastFault.IsRescued, Is.False);
    }

    private TestPager SlowPager() => Pager((pager, page, access) =>
    {
        Thread.Sleep(500);
        return pager.Grant(page, access);
    });
}
