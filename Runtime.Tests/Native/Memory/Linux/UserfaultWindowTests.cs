using NUnit.Framework;
using Runtime.Native;
using Runtime.Native.Linux;
using Runtime.Tests.Native.Faults;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory.Linux;

/// <summary>What only <c>Userfault</c> promises, and what only there can go wrong.</summary>
[LinuxOnly]
[TestFixtureSource(typeof(Engines), nameof(Engines.ThatSplitNothing))]
public sealed unsafe class UserfaultWindowTests(TrapEngine engine) : EngineTests(engine)
{
    private static readonly FaultWay[] s_ways = Enum.GetValues<FaultWay>();

    [Test]
    public void It_is_the_default_where_it_is_available() => Assert.That(TrapEngine.Default, Is.SameAs(Engine));

    [Test]
    public void Isolated_grants_make_no_mappings()
    {
        using TestPager pager = Pager();
        long before = MappingBudget.Used;
        for (int page = 0; page < 4000; page += 2)
        {
            pager.Grant(page, page % 4 == 0 ? FaultAccess.Write : FaultAccess.Read);
        }

        Assert.That(MappingBudget.Used, Is.EqualTo(before));
        Assert.That(Mappings.CountIn((nint)pager.Address, pager.Window.Length), Is.EqualTo(1));
    }

    [Test]
    public void One_descriptor_serves_every_window()
    {
        using TestPager first = Pager();
        using TestPager second = Pager();
        Assert.That(
            Directory.GetFileSystemEntries("/proc/self/fd").Count(fd =>
                new FileInfo(fd).LinkTarget?.Contains("userfaultfd", StringComparison.Ordinal) == true),
            Is.EqualTo(1));
    }

    [TestCaseSource(nameof(s_ways))]
    public void A_granted_page_that_the_system_took_out_comes_back_without_its_manager(FaultWay way)
    {
        using TestPager pager = Pager();
        Assert.That(Accessors.Store8(pager.Address + 3 * Section.PageSize, 9), Is.Zero);
        pager.Grant(4, FaultAccess.Read);
        int before = pager.Upcalls;
        for (int i = 0; i < 100; i++)
        {
            TakeOut(pager, 3, 2);
            Assert.That(Ways.Read(way, pager.Address + 4 * Section.PageSize), Is.Zero);
            Assert.That(Ways.Read(way, pager.Address + 3 * Section.PageSize), Is.EqualTo(9));
            Ways.Write(way, pager.Address + 3 * Section.PageSize, 9);
            TakeOut(pager, 3, 2);
            Ways.Write(way, pager.Address + 3 * Section.PageSize + 1, (byte)i);
        }

        Assert.That(pager.Upcalls, Is.EqualTo(before));
        Ways.Write(way, pager.Address + 4 * Section.PageSize, 5);
        Assert.That(pager.Upcalls, Is.EqualTo(before + 1), "a page open for reading comes back for reading only");
    }

    [Test]
    public void A_granted_page_of_another_section_comes_back_without_an_upcall()
    {
        using Section other = Engine.CreateSection(Arena.UnitSize);
        using TestPager pager = Pager();
        other.TryPopulate(0, 16, out _);
        *other.PageAddress(1) = 9;
        pager.Window.Show(32, 16, other, 0);
        Assert.That(Mappings.CountIn((nint)pager.Address, pager.Window.Length), Is.EqualTo(3));
        pager.Window.TryProtect(33, 1, PageAccess.ReadWrite);
        TakeOut(pager, 33, 1);
        Assert.That(pager.Address[33 * Section.PageSize], Is.EqualTo(9));
        Assert.That(Accessors.Store8(pager.Address + 33 * Section.PageSize, 10), Is.Zero);
        Assert.That((*other.PageAddress(1), pager.Upcalls), Is.EqualTo(((byte)10, 0)));

        pager.Window.Show(32, 16, pager.Section, 32);
        Assert.That(Mappings.CountIn((nint)pager.Address, pager.Window.Length), Is.EqualTo(1), "it is whole again");
        Assert.That(Accessors.Store8(pager.Address + 33 * Section.PageSize, 1), Is.Zero);
        Assert.That((*other.PageAddress(1), pager.Upcalls), Is.EqualTo(((byte)10, 1)));
    }

    [Test]
    public void A_page_taken_out_is_closed_and_opened_like_any_other()
    {
        using TestPager pager = Pager();
        foreach (PageAccess before in Enum.GetValues<PageAccess>())
        {
            foreach (PageAccess after in Enum.GetValues<PageAccess>())
            {
                pager.Section.TryPopulate(0, 1, out _);
                pager.Window.TryProtect(0, 1, before);
                TakeOut(pager, 0, 1);
                pager.Window.TryProtect(0, 1, after);
                AssertGranted(pager, 0, after);
            }
        }
    }

    [Test]
    public void Every_change_of_a_range_of_mixed_grants_leaves_one_grant()
    {
        const int Pages = 100;
        using TestPager pager = Pager();
        pager.Section.TryPopulate(0, Pages, out _);
        var random = new Random(11);
        foreach (PageAccess after in (PageAccess[])[PageAccess.Read, PageAccess.ReadWrite, PageAccess.None])
        {
            for (int i = 0; i < 60; i++)
            {
                long page = random.Next(Pages - 10);
                pager.Window.TryProtect(page, random.Next(1, 10), (PageAccess)random.Next(3));
            }

            Assert.That(pager.Window.TryProtect(0, Pages, after), Is.True);
            for (int page = 0; page < Pages; page++)
            {
                AssertGranted(pager, page, after);
            }
        }
    }

    [Test]
    public void A_page_discarded_and_filled_again_is_protected_as_it_is_granted()
    {
        using TestPager pager = Pager();
        for (int i = 1; i < 100; i++)
        {
            Assert.That(Accessors.Store8(pager.Address, 1), Is.Zero);
            pager.Window.TryProtect(0, 1, i % 2 == 0 ? PageAccess.Read : PageAccess.ReadWrite);
            pager.Window.TryProtect(0, 1, PageAccess.None);
            pager.Section.Discard(0, 1);
            AssertGranted(pager, 0, PageAccess.None);
            pager.Section.TryPopulate(0, 1, out _);
            *pager.Section.PageAddress(0) = (byte)i;
            AssertGranted(pager, 0, PageAccess.None);
            pager.Window.TryProtect(0, 1, PageAccess.Read);
            AssertGranted(pager, 0, PageAccess.Read);
            Assert.That(*pager.Address, Is.EqualTo(i));
        }
    }

    [Test]
    public void A_page_discarded_while_it_is_granted_faults_and_is_filled_again()
    {
        using TestPager pager = Pager();
        Assert.That(Accessors.Store8(pager.Address, 7), Is.Zero);
        pager.Section.Discard(0, 1);
        int before = pager.Upcalls;
        byte value;
        Assert.That(Accessors.Load8(pager.Address, &value), Is.Zero);
        Assert.That((value, pager.Upcalls - before), Is.EqualTo(((byte)0, 1)));
    }

    [Test]
    public void A_page_without_memory_cannot_be_granted_and_nothing_of_its_range_is()
    {
        using TestPager pager = Pager();
        pager.Section.TryPopulate(0, 3, out _);
        Assert.That(pager.Window.TryProtect(0, 4, PageAccess.Read), Is.False);
        for (int page = 0; page < 4; page++)
        {
            AssertGranted(pager, page, PageAccess.None);
        }
    }

    [Test]
    public void Windows_that_are_closed_while_threads_grant_and_fault_leave_a_status()
    {
        for (int round = 0; round < 30; round++)
        {
            TestPager pager = Pager();
            int strange = 0;
            Team.Run(4, index =>
            {
                for (int i = 0; i < 200; i++)
                {
                    if (index == 0 && i == 100)
                    {
                        pager.Window.Dispose();
                    }

                    long page = i % 50 * 4 + index;
                    int status = Accessors.Store8(pager.Address + page * Section.PageSize, 1);
                    strange += status is 0 or FaultStatus.Closed ? 0 : 1;
                    strange += pager.Window.TryProtect(page, 1, PageAccess.None) ? 0 : 1;
                }
            });
            Assert.That(strange, Is.Zero);
            pager.Dispose();
        }
    }

    /// <summary>As the system does when it swaps, or moves pages.</summary>
    private static void TakeOut(TestPager pager, long page, long pageCount)
    {
        byte* start = pager.Address + page * Section.PageSize;
        int result = LibC.madvise(start, (nuint)(pageCount * Section.PageSize), LibC.MADV_DONTNEED);
        Assert.That(result, Is.Zero);
    }

    /// <summary>By touching, with a handler that refuses.</summary>
    private static void AssertGranted(TestPager pager, long page, PageAccess access)
    {
        Func<TestPager, long, FaultAccess, int> serve = pager.Serve;
        pager.Serve = static (_, _, _) => 35;
        byte value;
        byte* address = pager.Address + page * Section.PageSize;
        int read = Accessors.Load8(address, &value);
        int written = Accessors.Store8(address, value);
        pager.Serve = serve;
        Assert.That(
            (read, written), Is.EqualTo((access == PageAccess.None ? 35 : 0, access == PageAccess.ReadWrite ? 0 : 35)));
    }
}
