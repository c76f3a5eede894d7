using System.Runtime.CompilerServices;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// Raw managed access under a handler that needs the runtime to stop the very thread that waits for it.
/// </summary>
[Deadline(300)]
public sealed unsafe class RescueTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Pages = 100;

    [Test]
    public void A_single_access_under_a_handler_that_collects_is_resolved_or_rescued()
    {
        using TestPager pager = CollectingPager();
        long before = Trap.Statistics.Rescues;
        int caught = 0;
        for (int page = 0; page < Pages; page++)
        {
            byte* address = pager.Address + page * Section.PageSize;
            if (!Raw.TryRead(address, out byte value))
            {
                caught++;
                Assert.That(Trap.LastFault!.IsRescued, Is.True);
                Assert.That(Trap.LastFault.Offset, Is.EqualTo(page * Section.PageSize));
                Assert.That(Trap.LastFault.Status, Is.Zero);
                Assert.That(Accessors.Load8(address, &value), Is.Zero);
            }

            Assert.That(value, Is.EqualTo(page));
        }

        Assert.That(Trap.Statistics.Rescues - before, Is.EqualTo(caught));
        TestContext.Out.WriteLine($"{caught} of {Pages} rescued");
    }

    [Test]
    public void An_interruptible_loop_under_a_handler_that_collects_is_resolved_or_rescued()
    {
        using TestPager pager = CollectingPager();
        long before = Trap.Statistics.Rescues;
        long sum = 0;
        int from = 0;
        while (from < Pages)
        {
            try
            {
                SumInterruptibly(pager.Address, ref from, ref sum);
            }
            catch (NullReferenceException)
            {
                Assert.That(Trap.LastFault!.IsRescued, Is.True);
                byte value;
                Assert.That(Accessors.Load8(pager.Address + from * Section.PageSize, &value), Is.Zero);
                sum += value;
                from++;
            }
        }

        Assert.That(sum, Is.EqualTo(Pages * (Pages - 1) / 2));
        long rescued = Trap.Statistics.Rescues - before;
        TestContext.Out.WriteLine($"{rescued} of {Pages} rescued");

        // Linux suspends a retrying thread at the instruction. Under Wine nothing does, and the rescue decides.
        if (OperatingSystem.IsLinux())
        {
            Assert.That(rescued, Is.LessThanOrEqualTo(Pages / 10));
        }
    }

    [Test]
    public void Many_threads_in_raw_faults_are_all_resolved_or_rescued()
    {
        using TestPager pager = CollectingPager();
        int resolved = 0;
        Thread[] threads = [.. Enumerable.Range(0, 16).Select(index => new Thread(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                byte* address = pager.Address + (index * 5 + i) * Section.PageSize;
                byte value;
                if (!Raw.TryRead(address, out value) && Accessors.Load8(address, &value) != 0)
                {
                    continue;
                }

                Interlocked.Add(ref resolved, value == index * 5 + i ? 1 : 0);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(resolved, Is.EqualTo(80));
    }

    private TestPager CollectingPager() => Pager(static (pager, page, access) =>
    {
        GC.Collect();
        pager.Section.TryPopulate(page, 1, out _);
        *pager.Section.PageAddress(page) = (byte)page;
        return pager.Grant(page, access);
    });

    /// <summary>A loop without calls, which the runtime can suspend at any instruction.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SumInterruptibly(byte* pages, ref int from, ref long sum)
    {
        int page = from;
        while (page < Pages)
        {
            sum += pages[page * Section.PageSize];
            page++;
            from = page;
        }
    }
}
