using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "When the manager cannot supply the page", where the process goes on; where it ends see CrashTests.
/// </summary>
public sealed unsafe class FailureTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Status = 35;

    private static IEnumerable<TestCaseData> AllAccessors => AccessorCases.All;

    [TestCaseSource(nameof(AllAccessors))]
    public void An_accessor_returns_the_status(AccessorTests.Accessor touch, FaultAccess access)
    {
        using TestPager pager = Pager(static (_, _, _) => Status, name: "refusing");
        TrapStatistics before = Trap.Statistics;

        Assert.That(touch(pager.Address + 4100), Is.EqualTo(Status));

        Assert.That(pager.Upcalls, Is.EqualTo(1));
        Assert.That(
            Trap.LastFault,
            Is.EqualTo(new FailedFault("refusing", 4100, access, FaultWay.Accessor, Status, IsRescued: false)));
        Assert.That(Trap.Statistics.AccessorFailures - before.AccessorFailures, Is.EqualTo(1));
    }

    [Test]
    public void A_failed_copy_keeps_what_was_copied_until_then()
    {
        using TestPager pager = Pager(static (pager, page, access) => page == 2 ? Status : pager.Grant(page, access));
        byte[] bytes = new byte[4 * Section.PageSize];
        Array.Fill(bytes, (byte)9);
        fixed (byte* from = bytes)
        {
            Assert.That(Accessors.Copy(pager.Address, from, (ulong)bytes.Length), Is.EqualTo(Status));
        }

        var kept = new ReadOnlySpan<byte>(pager.Section.PageAddress(0), 2 * Section.PageSize);
        Assert.That(kept.IndexOfAnyExcept((byte)9), Is.EqualTo(-1));
        Assert.That(pager.Upcalls, Is.EqualTo(3));
    }

    [Test]
    public void The_next_access_starts_anew()
    {
        using TestPager pager = Pager(static (pager, page, access) => page == 0 ? Status : pager.Grant(page, access));
        ulong value;
        for (int i = 0; i < 3; i++)
        {
            Assert.That(Accessors.Load64(pager.Address, &value), Is.EqualTo(Status));
            Assert.That(Accessors.Load64(pager.Address + Section.PageSize, &value), Is.Zero);
            Assert.That(Raw.TryRead(pager.Address, out _), Is.False);
            Assert.That(Raw.TryRead(pager.Address + 2 * Section.PageSize, out _), Is.True);
        }
    }

    [Test]
    public void Raw_managed_code_gets_a_null_reference_exception_and_the_details_are_in_the_last_fault()
    {
        using TestPager pager = Pager(static (_, _, _) => Status, name: "refusing");
        TrapStatistics before = Trap.Statistics;
        byte* address = pager.Address + 777;

        Assert.That(() => Raw.Write(address, 1), Throws.TypeOf<NullReferenceException>());

        Assert.That(
            Trap.LastFault,
            Is.EqualTo(new FailedFault(
                "refusing", 777, FaultAccess.Write, FaultWay.Managed, Status, IsRescued: false)));
        Assert.That(Trap.Statistics.ManagedFailures - before.ManagedFailures, Is.EqualTo(1));
        Assert.That(Trap.Statistics.Rescues, Is.EqualTo(before.Rescues));
    }

    [Test]
    public void The_last_fault_belongs_to_its_thread()
    {
        using TestPager pager = Pager(static (_, _, _) => Status);
        ulong value;
        _ = Accessors.Load64(pager.Address, &value);
        FailedFault? elsewhere = Trap.LastFault;
        var other = new Thread(() => elsewhere = Trap.LastFault);
        other.Start();
        other.Join();
        Assert.That(Trap.LastFault, Is.Not.Null);
        Assert.That(elsewhere, Is.Null);
    }

    [Test]
    public void An_exception_of_the_handler_is_a_status()
    {
        using TestPager pager = Pager(static (_, _, _) => throw new InvalidOperationException("on purpose"));
        ulong value;
        Assert.That(Accessors.Load64(pager.Address, &value), Is.EqualTo(FaultStatus.HandlerFailed));
        Assert.That(Raw.TryRead(pager.Address, out _), Is.False);
        Assert.That(Trap.LastFault!.Status, Is.EqualTo(FaultStatus.HandlerFailed));
    }

    [Test]
    public void An_exception_inside_the_handler_is_the_handlers_own_affair()
    {
        using TestPager pager = Pager(static (pager, page, access) =>
        {
            try
            {
                throw new InvalidOperationException("on purpose");
            }
            catch (InvalidOperationException)
            {
                return pager.Grant(page, access);
            }
        });
        ulong value;
        for (int page = 0; page < 100; page++)
        {
            Assert.That(Accessors.Load64(pager.Address + page * Section.PageSize, &value), Is.Zero);
            Assert.That(Raw.TryRead(pager.Address + (page + 1000) * Section.PageSize, out _), Is.True);
        }
    }

    [Test]
    public void A_fault_on_a_closed_window_fails_as_closed()
    {
        TestPager pager = Pager(name: "closed");
        ulong value;
        _ = Accessors.Load64(pager.Address, &value);
        byte* address = pager.Address;
        pager.Dispose();

        Assert.That(Accessors.Load64(address, &value), Is.EqualTo(FaultStatus.Closed));
        Assert.That(Raw.TryRead(address, out _), Is.False);
        Assert.That(
            Trap.LastFault,
            Is.EqualTo(new FailedFault(
                "closed", 0, FaultAccess.Read, FaultWay.Managed, FaultStatus.Closed, IsRescued: false)));
        GC.KeepAlive(pager);
    }

    [Test]
    public void A_fault_being_served_when_its_window_closes_fails_as_closed()
    {
        TestPager pager = Pager(static (pager, page, access) =>
        {
            pager.Window.Dispose();
            return pager.Grant(page, access);
        });
        ulong value;
        Assert.That(Accessors.Load64(pager.Address, &value), Is.EqualTo(FaultStatus.Closed));
        pager.Dispose();
    }
}
