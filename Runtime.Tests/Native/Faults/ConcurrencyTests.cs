using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>Many threads at once. That one page costs one upcall is the page table's affair, in Runtime.Core.</summary>
public sealed unsafe class ConcurrencyTests(TrapEngine engine) : TrapContract(engine)
{
    private static readonly FaultWay[] s_ways = Enum.GetValues<FaultWay>();

    [TestCaseSource(nameof(s_ways))]
    public void Sixteen_threads_on_one_page_all_go_on(FaultWay way)
    {
        using TestPager pager = Pager(static (pager, page, access) =>
        {
            Thread.Sleep(20);
            pager.Section.TryPopulate(page, 1, out _);
            *pager.Section.PageAddress(page) = (byte)(page + 1);
            return pager.Grant(page, access);
        });
        for (int page = 0; page < 10; page++)
        {
            byte* address = pager.Address + page * Section.PageSize;
            int right = 0;
            Team.Run(16, _ => Interlocked.Add(ref right, Ways.Read(way, address) == page + 1 ? 1 : 0));
            Assert.That(right, Is.EqualTo(16));
        }
    }

    [Test]
    public void Two_threads_in_separate_windows_each_have_their_own_pages()
    {
        const int Pages = 4000;
        int wrong = 0;
        using TestPager first = Pager();
        using TestPager second = Pager();
        Team.Run(2, index =>
        {
            TestPager pager = index == 0 ? first : second;
            for (int i = 0; i < 4 * Pages; i++)
            {
                long page = i % Pages;
                byte* address = pager.Address + page * Section.PageSize;
                byte value = 0;
                byte before = (byte)(i < Pages ? 0 : page + index);
                wrong += Accessors.Load8(address, &value) == 0 && value == before ? 0 : 1;
                wrong += Accessors.Store8(address, (byte)(page + index)) == 0 ? 0 : 1;
                pager.Window.TryProtect(page, 1, (PageAccess)(i % 2));
            }
        });
        Assert.That(wrong, Is.Zero);
    }

    [Test]
    public void Threads_that_fault_while_the_pages_are_withdrawn_again_and_again_all_go_on()
    {
        using TestPager pager = Pager();
        bool ended = false;
        var withdrawer = new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                pager.Window.TryProtect(0, 16, PageAccess.None);
            }
        });
        withdrawer.Start();
        try
        {
            Team.Run(8, index =>
            {
                for (int i = 0; i < 500; i++)
                {
                    byte* counter = pager.Address + i % 16 * Section.PageSize + index;
                    FaultWay way = s_ways[index % s_ways.Length];
                    Ways.Write(way, counter, (byte)(Ways.Read(way, counter) + 1));
                }
            });
        }
        finally
        {
            ended = true;
            withdrawer.Join();
        }

        int sum = 0;
        for (int i = 0; i < 16 * 8; i++)
        {
            sum += pager.Section.PageAddress(i / 8)[i % 8];
        }

        Assert.That(sum, Is.EqualTo(8 * 500));
    }

    [TestCaseSource(nameof(s_ways))]
    public void A_handler_may_fault_on_another_window_several_levels_deep(FaultWay way)
    {
        const int Levels = 8;
        var pagers = new List<TestPager>();
        var servers = new List<ulong>();
        try
        {
            for (int level = 0; level < Levels; level++)
            {
                int below = level - 1;
                pagers.Add(Pager((pager, page, access) =>
                {
                    byte value = 1;
                    lock (servers)
                    {
                        servers.Add(Helpers.kh_thread_id());
                    }

                    if (below >= 0 && Accessors.Load8(pagers[below].Address + page * Section.PageSize, &value) != 0)
                    {
                        return 35;
                    }

                    pager.Section.TryPopulate(page, 1, out _);
                    *pager.Section.PageAddress(page) = (byte)(value + 1);
                    return pager.Grant(page, access);
                }));
            }

            Assert.That(Ways.Read(way, pagers[^1].Address), Is.EqualTo(Levels + 1));

            // Nested faults are those of an accessor: each is served where the one above it is.
            Assert.That(servers, Has.Count.EqualTo(Levels));
            Assert.That(servers.Distinct().Count(), Is.EqualTo(1));
            bool isServedHere = way is FaultWay.Accessor or FaultWay.NativeSection;
            Assert.That(servers[0] == Helpers.kh_thread_id(), Is.EqualTo(isServedHere));
        }
        finally
        {
            pagers.ForEach(pager => pager.Dispose());
        }
    }

    [Test]
    public void A_nested_fault_that_fails_fails_only_itself()
    {
        using TestPager refusing = Pager(static (_, _, _) => 35);
        int inner = 0;
        using TestPager pager = Pager((pager, page, access) =>
        {
            byte value;
            inner = Accessors.Load8(refusing.Address, &value) + (Raw.TryRead(refusing.Address, out _) ? 1 : 0);
            return pager.Grant(page, access);
        });
        byte value;
        Assert.That(Accessors.Load8(pager.Address, &value), Is.Zero);
        Assert.That(inner, Is.EqualTo(35));
    }

    [TestCaseSource(nameof(s_ways))]
    public void A_fault_carries_what_its_thread_was_serving(FaultWay way)
    {
        ulong nested = 0;
        using TestPager inner = Pager();
        using var outer = new TestPager(Engine, Arena.UnitSize, (pager, page, access) =>
        {
            Ways.Read(way, inner.Address);
            nested = inner.LastFault.Parent;
            return pager.Grant(page, access);
        })
        {
            ServesAs = 77,
        };
        Assert.That(Ways.Read(FaultWay.Accessor, outer.Address), Is.Zero);
        Assert.That(nested, Is.EqualTo(77));
        Assert.That(outer.LastFault.Parent, Is.Zero);
        Ways.Read(way, inner.Address + Section.PageSize);
        Assert.That(inner.LastFault.Parent, Is.Zero);
    }
}
