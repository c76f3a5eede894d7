using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory;

/// <summary>
/// DESIGN 13: 10,000 small containers or 32 of 1 TiB; 1,000,000 scattered resident pages without an error.
/// </summary>
[Deadline(900)]
public sealed unsafe class ScaleTests(TrapEngine engine) : TrapContract(engine)
{
    [Test, LinuxOnly]                                               // minutes under Wine: there the soak has it
    public void A_million_scattered_pages_are_written_and_read_without_an_error() => Scatter(1_000_000);

    [Test, WindowsOnly, Category("Soak")]
    public void A_million_scattered_pages_are_written_and_read_under_Wine_too() => Scatter(1_000_000);

    [Test, WindowsOnly]
    public void A_hundred_thousand_scattered_pages_are_written_and_read_without_an_error() => Scatter(100_000);

    [Test]
    public void Ten_thousand_small_containers_live_at_once()
    {
        const int Count = 10_000;
        var pagers = new List<TestPager>(Count);
        try
        {
            for (int i = 0; i < Count; i++)
            {
                pagers.Add(Pager());
                Assert.That(Accessors.Store64(pagers[i].Address + 4096, (ulong)i), Is.Zero, $"container {i}");
            }

            for (int i = 0; i < Count; i++)
            {
                ulong value;
                Assert.That(Accessors.Load64(pagers[i].Address + 4096, &value), Is.Zero);
                Assert.That(value, Is.EqualTo(i));
            }
        }
        finally
        {
            pagers.ForEach(pager => pager.Dispose());
        }
    }

    [Test]
    public void Thirty_two_containers_of_1_TiB_live_at_once()
    {
        const int Count = 32;
        var pagers = new List<TestPager>();
        try
        {
            for (int i = 0; i < Count; i++)
            {
                pagers.Add(Pager(length: 1L << 40));
            }

            foreach (long offset in (ReadOnlySpan<long>)[0, 1L << 39, (1L << 40) - 8])
            {
                for (int i = 0; i < Count; i++)
                {
                    Assert.That(Accessors.Store64(pagers[i].Address + offset, (ulong)(offset + i)), Is.Zero);
                }

                for (int i = 0; i < Count; i++)
                {
                    ulong value;
                    Assert.That(Accessors.Load64(pagers[i].Address + offset, &value), Is.Zero);
                    Assert.That(value, Is.EqualTo((ulong)(offset + i)));
                }
            }
        }
        finally
        {
            pagers.ForEach(pager => pager.Dispose());
        }
    }

    [Test]
    [Platform("Linux", Reason = "Wine pays for every page of reserved address space")]
    public void More_containers_than_addresses_are_refused_with_the_reason()
    {
        // In a child: address space taken for pieces of the arena stays taken.
        ChildExit exit = ChildProcess.Run(TakesAllAddresses, Engine.Name);
        Assert.That(exit.Output, Does.Match("^(mmap|mremap) of [0-9]+ bytes failed: .* \\(12\\)\n$"), exit.Error);
        Assert.That(exit.Code, Is.GreaterThanOrEqualTo(32));
    }

    private void Scatter(int count)
    {
        // Of a million pages 16 GiB, as far as the chunks of Windows go under Wine: about 19,000 can live at once.
        long length = count * 4L * Section.PageSize + (1 << 20);
        using TestPager pager = Pager(length: length);
        for (int i = 0; i < count; i++)
        {
            if (Accessors.Store64(pager.Address + PageOf(i) * Section.PageSize + 8, (ulong)i + 1) != 0)
            {
                Assert.Fail($"page {i}: {Trap.LastFault}");
            }
        }

        Assert.That(pager.Upcalls, Is.GreaterThanOrEqualTo(count));
        Assert.That(MappingBudget.Used, Is.LessThanOrEqualTo(MappingBudget.Limit));
        for (int i = 0; i < count; i++)
        {
            if (*(ulong*)(pager.Section.PageAddress(PageOf(i)) + 8) != (ulong)i + 1)
            {
                Assert.Fail($"page {i} lost its value");
            }
        }

        for (int i = 0; i < count; i += 997)
        {
            ulong value;
            Assert.That(Accessors.Load64(pager.Address + PageOf(i) * Section.PageSize + 8, &value), Is.Zero);
            Assert.That(value, Is.EqualTo(i + 1));
        }

        TestContext.Out.WriteLine($"{pager.Upcalls} upcalls, {MappingBudget.Used} mappings");

        // Four pages for each one used, none next to another.
        static long PageOf(int i) => i * 4L + (i * 2654435761L >> 16) % 3;
    }

    [Child]
    private static int TakesAllAddresses(string[] args)
    {
        var pagers = new List<TestPager>();
        try
        {
            while (pagers.Count < 200)
            {
                pagers.Add(new TestPager(Engines.Named(args[0]), 1L << 40));
            }
        }
        catch (MemoryException refusal)
        {
            Console.WriteLine(refusal.Message);
        }

        int count = pagers.Count;
        byte value;
        return Accessors.Load8(pagers[^1].Address, &value) == 0 ? count : 1;
    }
}
