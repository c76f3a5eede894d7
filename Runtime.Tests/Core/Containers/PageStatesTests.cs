using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

/// <summary>The picture of a container's pages.</summary>
public class PageStatesTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const long PageSize = PageNumber.Size;

    [Test]
    public void Pages_are_counted_by_what_became_of_them()
    {
        using Container container = Open("a", 100);
        container.View.Write(40 * PageSize, 1);
        container.TakeSnapshot().WaitForDurable();
        container.View.Write(70 * PageSize, 1);
        IReadOnlyList<PageStates> blocks = container.CountPages(30);
        Assert.That(blocks, Has.Count.EqualTo(4));
        Assert.That(blocks[0], Is.EqualTo(new PageStates(30, 0, 0, 0, 0)));
        Assert.That(blocks[1].Clean, Is.Positive, "page 40 is saved");
        Assert.That((blocks[1].Dirty, blocks[1].Unsaved), Is.EqualTo((0L, 0L)));
        Assert.That(blocks[2].Dirty, Is.EqualTo(1));
        Assert.That(blocks.Select(Pages), Is.EqualTo([30, 30, 30, 10]));
        PageStates all = container.CountPages(1 << 20).Single();
        Assert.That(all, Is.EqualTo(blocks.Aggregate((left, right) => left + right)));
        Assert.That(all.Absent, Is.EqualTo(100 - container.Statistics.ResidentPages));
    }

    [Test, Deadline(60)]
    public void A_page_is_unsaved_while_its_closed_interval_is_saved()
    {
        using var isCounted = new ManualResetEventSlim();
        Manager.OnSave = _ =>
        {
            isCounted.Wait();
            return Status.Success;
        };
        using Container container = Open("a", 10);
        container.View.Write(3 * PageSize, 1);
        Snapshot snapshot = container.TakeSnapshot();
        Assert.That(container.CountPages(10).Single().Unsaved, Is.EqualTo(1));
        isCounted.Set();
        snapshot.WaitForDurable();
        Assert.That(container.CountPages(10).Single().Unsaved, Is.Zero);
    }

    [Test]
    public void Pages_of_a_lease_are_pinned_until_it_ends()
    {
        using Container container = Open("a", 10);
        using (container.View.Lease(2 * PageSize, 3 * (int)PageSize, Access.Read))
        {
            IReadOnlyList<PageStates> pages = container.CountPages(1);
            Assert.That(pages.Select(page => page.Pinned), Is.EqualTo([0, 0, 1, 1, 1, 0, 0, 0, 0, 0]));
        }

        Assert.That(container.CountPages(10).Single().Pinned, Is.Zero);
    }

    [Test]
    public void A_terabyte_of_which_nothing_was_touched_is_counted_at_once()
    {
        using Container container = Kernel.OpenContainer("a", 1L << 40);
        container.View.Write((1L << 40) - 8, 1L);
        IReadOnlyList<PageStates> blocks = container.CountPages(1 << 18);
        Assert.That(blocks, Has.Count.EqualTo(1024));
        Assert.That(blocks.Take(1023), Is.All.EqualTo(new PageStates(1 << 18, 0, 0, 0, 0)));
        Assert.That(blocks[^1].Dirty, Is.EqualTo(1));
    }

    [Test]
    public void A_block_has_pages_and_a_container_that_is_counted_is_open()
    {
        Container container = Open("a", 10);
        Assert.That(() => container.CountPages(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        container.Dispose();
        Assert.That(() => container.CountPages(1), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_container_without_bytes_has_no_blocks()
    {
        using Container container = Kernel.OpenContainer("a", 0);
        Assert.That(container.CountPages(1), Is.Empty);
    }

    [Test]
    public void A_kernel_says_how_much_of_its_budget_is_used()
    {
        using Container container = Open("a", 10);
        KernelStatistics before = Kernel.Statistics;
        container.View.Write(0, 1);
        Assert.That(Kernel.Statistics.MemoryBudget, Is.EqualTo(before.MemoryBudget).And.Positive);
        Assert.That(Kernel.Statistics.MemoryInUse, Is.GreaterThanOrEqualTo(before.MemoryInUse + PageSize));
        Assert.That(Kernel.Statistics.MemoryInUse, Is.LessThanOrEqualTo(before.MemoryBudget));
    }

    private static long Pages(PageStates block) => block.Absent + block.Clean + block.Dirty + block.Unsaved;
}
