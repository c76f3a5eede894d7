using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory;

/// <summary>"The kernel … withdraws the oldest unpinned isolated grants when it nears" the limit of mappings.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.ThatSplitMappings))]
public sealed unsafe class MappingBudgetTests(TrapEngine engine) : EngineTests(engine)
{
    private const int Room = 300;

    private long _limit;

    [SetUp]
    public void Remember_the_limit() => _limit = MappingBudget.Limit;

    [TearDown]
    public void Restore_the_limit() => MappingBudget.Limit = _limit;

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(16)]
    [TestCase(100)]
    public void Isolated_grants_of_so_many_pages_never_meet_the_limit(int pages)
    {
        const int Runs = 1000;
        using TestPager pager = LimitedPager(
            (pager, page, access) => pager.Grant(page / pages * pages, access, pages), touched: 2 * pages * Runs);
        for (int run = 0; run < Runs; run++)
        {
            byte* address = pager.Address + 2L * run * pages * Section.PageSize;
            Assert.That(Accessors.Store8(address, (byte)run), Is.Zero, $"run {run}");
            Assert.That(MappingBudget.Used, Is.LessThanOrEqualTo(MappingBudget.Limit));
        }

        for (int run = 0; run < Runs; run++)
        {
            byte value;
            Assert.That(Accessors.Load8(pager.Address + 2L * run * pages * Section.PageSize, &value), Is.Zero);
            Assert.That(value, Is.EqualTo((byte)run));
        }
    }

    [Test]
    public void Scattered_writes_among_pages_open_for_reading_never_meet_the_limit()
    {
        using TestPager pager = LimitedPager();
        const int Pages = 4000;
        Assert.That(pager.Grant(0, FaultAccess.Read, Pages), Is.Zero);
        for (int page = 1; page < Pages; page += 2)
        {
            Assert.That(Accessors.Store8(pager.Address + page * Section.PageSize, 1), Is.Zero, $"page {page}");
        }

        Assert.That(pager.Upcalls, Is.EqualTo(Pages / 2), "reading them again takes no fault");
    }

    /// <summary>
    /// As cuts do: what was written is closed to writing again, and becomes one run with what lies around it.
    /// </summary>
    [Test, Deadline(60)]
    public void Grants_that_come_and_go_for_ever_do_not_fill_the_notes()
    {
        const int Pages = 64_000;
        using TestPager pager = Pager(length: Pages * Section.PageSize);
        Assert.That(pager.Grant(0, FaultAccess.Read, Pages), Is.Zero);
        for (int round = 0; round < 20; round++)
        {
            for (int page = round; page < Pages; page += 16)
            {
                Assert.That(pager.Window.TryProtect(page, 1, PageAccess.ReadWrite), Is.True);
            }

            Assert.That(pager.Window.TryLower(0, Pages, PageAccess.Read), Is.True);
        }

        Assert.That(MappingBudget.Noted, Is.LessThanOrEqualTo(1 << 15), "they have not grown");
    }

    [Test]
    public void Runs_trimmed_and_split_by_their_manager_are_still_known()
    {
        using TestPager pager = LimitedPager();
        for (int run = 0; run < 1000; run++)
        {
            long first = run * 8L;
            Assert.That(pager.Grant(first, FaultAccess.Write, pageCount: 5), Is.Zero, $"run {run}");
            Assert.That(pager.Window.TryProtect(first, 1, PageAccess.None), Is.True, $"run {run}");
            Assert.That(pager.Window.TryProtect(first + 2, 1, PageAccess.None), Is.True, $"run {run}");
        }
    }

    [Test]
    public void A_manager_without_a_grant_to_spare_is_told_so_and_not_kept_waiting()
    {
        using TestPager pager = LimitedPager(touched: 4 * Room);
        pager.IsPinned = true;
        int granted = 0;
        while (granted < 2 * Room && pager.Grant(2 * granted + 1, FaultAccess.Read) == 0)
        {
            granted++;
        }

        Assert.That(granted, Is.EqualTo(Room / 2));
        Assert.That(() => pager.Section.OpenWindow("one too many", pager), Throws.TypeOf<MemoryException>());

        pager.IsPinned = false;
        Assert.That(pager.Grant(2 * granted + 1, FaultAccess.Read), Is.Zero);
    }

    [Test]
    public void The_oldest_grant_goes_first()
    {
        using TestPager pager = LimitedPager();
        int page = 0;
        while (MappingBudget.Used + 2 <= MappingBudget.Limit)
        {
            pager.Grant(2 * page++, FaultAccess.Read);
        }

        pager.Grant(2 * page, FaultAccess.Read);
        byte value;
        Assert.That(Accessors.Load8(pager.Address + 2L * page * Section.PageSize, &value), Is.Zero);
        Assert.That(Accessors.Load8(pager.Address + 2L * (page - 1) * Section.PageSize, &value), Is.Zero);
        Assert.That(pager.Upcalls, Is.Zero);
        Assert.That(Accessors.Load8(pager.Address, &value), Is.Zero);
        Assert.That(pager.Upcalls, Is.EqualTo(1));
    }

    [Test]
    public void A_grant_of_a_window_that_is_gone_is_forgotten()
    {
        using TestPager pager = LimitedPager();
        for (int i = 0; i < 20; i++)
        {
            using TestPager other = Pager();
            for (int page = 0; page < 100; page++)
            {
                Assert.That(other.Grant(16383 - 2 * page, FaultAccess.Read), Is.Zero);
            }
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        for (int page = 0; page < 1000; page++)
        {
            Assert.That(pager.Grant(2 * page, FaultAccess.Read), Is.Zero);
        }
    }

    [Test]
    public void Threads_that_withdraw_from_one_another_all_go_on()
    {
        using TestPager pager = LimitedPager();
        int wrong = 0;
        Team.Run(6, index =>
        {
            var random = new Random(index);
            for (int i = 0; i < 2000; i++)
            {
                byte* address = pager.Address + random.Next(8000) * Section.PageSize + index;
                byte value = 0;
                if (Accessors.Store8(address, (byte)i) != 0
                    || Accessors.Load8(address, &value) != 0
                    || value != (byte)i)
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        });
        Assert.That(wrong, Is.Zero);
        Assert.That(MappingBudget.Used, Is.LessThanOrEqualTo(MappingBudget.Limit));
    }

    /// <summary>A pager, and no room for more than 300 mappings beyond its own.</summary>
    /// <remarks>
    /// On Windows the chunks of the pages that are touched are its own too: three mappings each, which no withdrawal
    /// gives back, so they are made before. Linux has no chunks.
    /// </remarks>
    private TestPager LimitedPager(Func<TestPager, long, FaultAccess, int>? serve = null, long touched = 0)
    {
        const int PagesPerChunk = 256;
        TestPager pager = Pager(serve, length: 1L << 30);
        for (long page = 0; OperatingSystem.IsWindows() && page < touched; page += PagesPerChunk)
        {
            Assert.That(pager.Section.TryPopulate(page, 1, out _), Is.True);
        }

        MappingBudget.Limit = MappingBudget.Used + Room;
        return pager;
    }
}
