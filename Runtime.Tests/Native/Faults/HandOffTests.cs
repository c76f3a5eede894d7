using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "Hand-off slots are bounded, with a defined overflow"; "pager threads grow while any of them waits".
/// </summary>
[Deadline(180)]
public sealed unsafe class HandOffTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Slots = 256;

    [Test]
    public void More_threads_than_slots_fault_at_once_and_all_succeed()
    {
        const int Threads = Slots + 64;
        using var full = new ManualResetEventSlim();
        int serving = 0;
        using TestPager pager = Pager((pager, page, access) =>
        {
            // Nobody is answered until every slot is taken and threads without one have come to wait.
            if (Interlocked.Increment(ref serving) == Slots)
            {
                long before = Trap.Statistics.Overflows;
                SpinWait.SpinUntil(() => Trap.Statistics.Overflows > before, TimeSpan.FromSeconds(20));
                full.Set();
            }

            full.Wait();
            return pager.Grant(page, access);
        });
        long overflows = Trap.Statistics.Overflows;
        long rescues = Trap.Statistics.Rescues;

        Team.Run(Threads, index =>
            Ways.Write(FaultWay.UnmarkedNative, pager.Address + index * Section.PageSize, (byte)index));

        for (int page = 0; page < Threads; page++)
        {
            Assert.That(*pager.Section.PageAddress(page), Is.EqualTo((byte)page));
        }

        // A thread that was not scheduled for a second asks again, as its answer may have been given to somebody else.
        Assert.That(pager.Upcalls, Is.AtLeast(Threads));
        Assert.That(Trap.Statistics.Overflows, Is.GreaterThan(overflows));
        Assert.That(Trap.Statistics.Rescues, Is.EqualTo(rescues));
    }

    [Test]
    public void A_collection_while_all_slots_are_taken_stops_nobody_for_ever()
    {
        // The threads without a slot are in single managed accesses: only the rescue lets the runtime stop them.
        const int Threads = Slots + 32;
        using var release = new ManualResetEventSlim();
        using TestPager pager = Pager((pager, page, access) =>
        {
            release.Wait();
            return pager.Grant(page, access);
        });
        var collector = new Thread(() =>
        {
            long before = Trap.Statistics.Overflows;
            SpinWait.SpinUntil(() => Trap.Statistics.Overflows > before, TimeSpan.FromSeconds(20));
            GC.Collect();
            release.Set();
        });
        collector.Start();

        Team.Run(Threads, index => Ways.Write(FaultWay.Managed, pager.Address + index * Section.PageSize, 1));

        collector.Join();
        for (int page = 0; page < Threads; page++)
        {
            Assert.That(*pager.Section.PageAddress(page), Is.EqualTo(1));
        }
    }

    [Test]
    public void Pager_threads_grow_while_any_of_them_waits()
    {
        const int Chain = 40;
        using var last = new ManualResetEventSlim();
        using TestPager pager = Pager((pager, page, access) =>
        {
            // Every fault waits for the last one: only another pager thread can serve that.
            if (page == Chain - 1)
            {
                last.Set();
            }

            last.Wait();
            return pager.Grant(page, access);
        });
        Team.Run(Chain, index => Ways.Write(FaultWay.UnmarkedNative, pager.Address + index * Section.PageSize, 1));
        Assert.That(pager.Upcalls, Is.EqualTo(Chain));
    }

    [Test]
    public void A_posted_fault_may_need_another_posted_fault()
    {
        const int Levels = 20;
        using TestPager pager = Pager((pager, page, access) =>
        {
            byte below = page == 0
                ? (byte)0
                : Ways.Read(FaultWay.UnmarkedNative, pager.Address + (page - 1) * Section.PageSize);
            pager.Section.TryPopulate(page, 1, out _);
            *pager.Section.PageAddress(page) = (byte)(below + 1);
            return pager.Grant(page, access);
        });
        Assert.That(
            Ways.Read(FaultWay.UnmarkedNative, pager.Address + (Levels - 1) * Section.PageSize), Is.EqualTo(Levels));
    }

    [Test]
    public void Slots_left_behind_are_used_again()
    {
        // A thread whose page came another way never fetches its answer; here it even ends.
        const int Threads = 200;
        for (int round = 0; round < 3; round++)
        {
            using var release = new ManualResetEventSlim();
            using TestPager pager = Pager((_, _, _) =>
            {
                release.Wait();
                return 0;
            });
            var granter = new Thread(() =>
            {
                SpinWait.SpinUntil(() => pager.Upcalls == Threads);
                pager.Grant(0, FaultAccess.Write, pageCount: Threads);
            });
            granter.Start();
            Team.Run(Threads, index =>
                Ways.Write(FaultWay.UnmarkedNative, pager.Address + index * Section.PageSize, 1));
            granter.Join();
            release.Set();
        }

        using TestPager after = Pager();
        Team.Run(Threads, index => Ways.Write(FaultWay.UnmarkedNative, after.Address + index * Section.PageSize, 1));
        Assert.That(after.Upcalls, Is.EqualTo(Threads));
    }

    [Test]
    public void No_posted_fault_is_overlooked()
    {
        // What wakes a pager thread is spent if the thread then finds nothing: nobody would look again for 10 s.
        const int Threads = 12;
        const int FaultsOfThread = 1500;
        using TestPager pager = Pager();
        pager.IsPinned = true;                                      // or the mapping budget may take a grant back
        long slowest = 0;
        Team.Run(Threads, index =>
        {
            for (int i = 0; i < FaultsOfThread; i++)
            {
                long page = index * 100 + i % 100;
                long began = Environment.TickCount64;
                Ways.Write(FaultWay.UnmarkedNative, pager.Address + page * Section.PageSize, 1);
                long took = Environment.TickCount64 - began;
                InterlockedMax(ref slowest, took);
                pager.Window.TryProtect(page, 1, PageAccess.None);
            }
        });
        TestContext.Out.WriteLine($"the slowest took {slowest} ms");
        Assert.That(slowest, Is.LessThan(5000));
        Assert.That(pager.Upcalls, Is.EqualTo(Threads * FaultsOfThread));
    }

    private static void InterlockedMax(ref long greatest, long value)
    {
        long seen = Volatile.Read(ref greatest);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref greatest, value, seen);
        }
    }
}
