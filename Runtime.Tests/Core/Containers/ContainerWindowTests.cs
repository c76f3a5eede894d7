using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Core.Memory;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

/// <summary>
/// Several windows onto one container show the same memory, and what is withdrawn goes from all of them.
/// </summary>
public class ContainerWindowTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int PageSize = PageNumber.Size;

    protected override long? MemoryBudget => AvailableMemory.LeastBudget;

    private static long BudgetPages => AvailableMemory.LeastBudget / PageSize;

    [Test]
    public void What_is_written_through_one_is_read_through_the_other_at_once()
    {
        using Container container = Open();
        using ContainerWindow window = container.OpenWindow();

        window.View.Write(5000, 1L);
        Assert.That(container.View.Read<long>(5000), Is.EqualTo(1));
        container.View.Write(5000, 2L);
        Assert.That(window.View.Read<long>(5000), Is.EqualTo(2));
        Assert.That(container.Statistics.Upcalls, Is.EqualTo(1), "one page, in two windows");
    }

    [Test]
    public void A_page_that_was_open_before_the_window_is_opened_in_it_when_touched(
        [Values(Access.Read, Access.Write)] Access access)
    {
        using Container container = Open();
        container.View.Write(0, 7L);
        using ContainerWindow window = container.OpenWindow();

        if (access == Access.Write)
        {
            window.View.Write(8, 8L);
        }

        Assert.That(window.View.Read<long>(0), Is.EqualTo(7));
    }

    [Test, Deadline(240)]
    public void Beyond_the_budget_every_value_is_right_through_every_window([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        long pages = 4 * BudgetPages;
        using Container container = Open("a", pages);
        using ContainerWindow second = container.OpenWindow();
        using ContainerWindow third = container.OpenWindow();
        ContainerView[] views = [container.View, second.View, third.View];
        long[] model = new long[pages];
        for (int i = 1; i <= (OperatingSystem.IsWindows() ? 5_000 : 20_000); i++)
        {
            long page = random.NextInt64(pages);
            Assert.That(
                views[random.Next(3)].Read<long>(page * PageSize), Is.EqualTo(model[page]), $"seed {seed}, step {i}");
            views[random.Next(3)].Write(page * PageSize, model[page] = i);
            if (i % 2000 == 0)
            {
                container.TakeSnapshot();
            }
        }

        Assert.That(AllocatedPages.Count(container), Is.LessThanOrEqualTo(BudgetPages * 105 / 100));
    }

    [Test]
    public void A_cut_closes_every_window()
    {
        using Container container = Open();
        using ContainerWindow window = container.OpenWindow();
        container.View.Write(0, 1L);
        window.View.Write(0, 2L);

        Snapshot snapshot = container.TakeSnapshot();
        window.View.Write(0, 3L);
        container.View.Write(8, 4L);
        snapshot.WaitForDurable();

        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        Assert.That((version.View.Read<long>(0), version.View.Read<long>(8)), Is.EqualTo((2L, 0L)));
    }

    [Test]
    public void Leases_of_one_page_in_two_windows_show_the_same_memory()
    {
        using Container container = Open();
        using ContainerWindow window = container.OpenWindow();
        using Lease writer = container.View.Lease(100, 3 * PageSize, Access.Write);
        using Lease reader = window.View.Lease(100, 3 * PageSize, Access.Read);

        writer.Span.Fill(9);
        Assert.That(reader.Span.ContainsAnyExcept((byte)9), Is.False);
    }

    [Test]
    public void A_window_closes_alone()
    {
        using Container container = Open();
        ContainerWindow window = container.OpenWindow();
        window.View.Write(0, 5L);
        window.Dispose();
        window.Dispose();

        Assert.That(() => window.View.Read<long>(0), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => window.View.Lease(0, 8, Access.Read), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(container.View.Read<long>(0), Is.EqualTo(5), "the other never saw a grant of it");
        container.View.Write(0, 6L);
    }

    [Test]
    public void A_window_with_a_lease_does_not_close()
    {
        using Container container = Open();
        using ContainerWindow window = container.OpenWindow();
        using (window.View.Lease(0, 8, Access.Read))
        {
            Assert.That(
                window.Dispose,
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
        }

        Assert.That(window.View.Read<long>(0), Is.Zero);
    }

    [Test]
    public void It_closes_with_its_container()
    {
        Container container = Open();
        ContainerWindow window = container.OpenWindow();
        window.View.Write(0, 5L);
        container.Dispose();

        Assert.That(() => window.View.Read<long>(0), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(container.OpenWindow, Throws.TypeOf<ObjectDisposedException>());
        window.Dispose();
    }

    [Test]
    public void A_new_length_is_seen_through_all()
    {
        using Container container = Open();
        using ContainerWindow window = container.OpenWindow();
        window.View.Write(PageSize, 1L);
        container.Resize(PageSize);

        Assert.That(window.View.Length, Is.EqualTo(PageSize));
        Assert.That(() => window.View.Read<long>(PageSize), Throws.TypeOf<ArgumentOutOfRangeException>());
        container.Resize(2 * PageSize);
        Assert.That(window.View.Read<long>(PageSize), Is.Zero);
    }
}
