using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

/// <summary>Prefetching, advice and pins.</summary>
public class HintTests(TrapEngine engine) : KernelFixture(engine)
{
    private const int Size = PageNumber.Size;

    [Test]
    public async Task What_was_prefetched_is_there()
    {
        using Container container = Open();
        Wine.TouchChunks(container);
        Assert.That(await container.View.PrefetchAsync((3 * Size) + 5, 10 * Size), Is.EqualTo(10 * Size));
        int before = Manager.Upcalls;
        for (int page = 3; page <= 13; page++)
        {
            Assert.That(container.View.Read<ulong>(page * Size), Is.EqualTo((ulong)page));
        }

        Assert.That(Manager.Upcalls, Is.EqualTo(before));
        Assert.That(await container.View.PrefetchAsync(0, 0), Is.Zero);
        Assert.That(
            () => container.View.PrefetchAsync(1023 * Size, Size + 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task A_prefetch_ends_where_a_page_cannot_be_supplied()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            Manager.Supply(in fault);
            return fault.Page.Value == 5 ? Status.IoError : Status.Success;
        };
        Assert.That(await container.View.PrefetchAsync(3 * Size, 10 * Size), Is.EqualTo(2 * Size));
    }

    [Test]
    public void A_prefetch_is_cancelled_between_two_pages()
    {
        using Container container = Open();
        using var cancellation = new CancellationTokenSource();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            if (fault.Page.Value == 4)
            {
                cancellation.Cancel();
            }

            Manager.Supply(in fault);
            return Status.Success;
        };
        Assert.That(
            async () => await container.View.PrefetchAsync(0, 100 * Size, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(container.Statistics.ResidentPages, Is.EqualTo(5), "what was under way came");
    }

    [Test, Deadline(120)]
    public void Closing_ends_prefetches()
    {
        for (int round = 0; round < 50; round++)
        {
            Container container = Open($"round {round}");
            Task<long>[] prefetches =
                [.. Enumerable.Range(0, 3).Select(_ => container.View.PrefetchAsync(0, container.Length))];
            if (round % 2 == 0)
            {
                Thread.Yield();
            }

            container.Dispose();
            foreach (Task<long> prefetch in prefetches)
            {
                Assert.That(prefetch.GetAwaiter().GetResult(), Is.LessThanOrEqualTo(container.Length));
            }
        }
    }

    [Test]
    public void Advice_changes_what_is_suggested()
    {
        using Container container = Open();
        var suggested = new Dictionary<ulong, int>();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            suggested[fault.Page.Value] = fault.SuggestedLength / Size;
            Manager.Supply(in fault);
            return Status.Success;
        };
        container.View.Advise(0, 200 * Size, AccessPattern.Sequential);
        container.View.Advise(100 * Size, 50 * Size, AccessPattern.Random);
        foreach (int page in new[] { 10, 100, 101, 102, 149, 150, 300, 301 })
        {
            container.View.Read<byte>(page * Size);
        }

        Assert.That(suggested.Values, Is.EqualTo([256, 1, 1, 1, 1, 256, 1, 2]));
        container.View.Advise(0, container.Length, AccessPattern.Normal);
        container.View.Read<byte>(20 * Size);
        Assert.That(suggested[20], Is.EqualTo(1));
    }

    [Test]
    public void The_manager_is_told_and_may_not_care()
    {
        using Container container = Open();
        var token = new Token(container.Record.Id);
        container.View.Advise(Size + 1, Size, AccessPattern.Random);
        Assert.That(Manager.Advice, Is.EqualTo([(token, new PageNumber(1), 2L, AccessPattern.Random)]));
        Manager.OnAdvised = () => throw new InvalidOperationException("does not care");
        container.View.Advise(0, Size, AccessPattern.Sequential);
        Assert.That(
            () => container.View.Advise(0, Size, (AccessPattern)9), Throws.TypeOf<ArgumentOutOfRangeException>());
        container.Dispose();
        Assert.That(
            () => container.View.Advise(0, Size, AccessPattern.Random), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void What_is_needed_comes_and_what_is_not_goes_unless_it_is_dirty_or_held()
    {
        using Container container = Open();
        Wine.TouchChunks(container);
        long before = container.Statistics.ResidentPages;
        container.View.Advise(10 * Size, 10 * Size, AccessPattern.WillNeed);
        Assert.That(() => container.Statistics.ResidentPages - before, Is.EqualTo(10).After(20_000, 5));
        container.View.Write(12 * Size, 42L);
        using (container.View.Pin(13 * Size, 1))
        {
            container.View.Advise((10 * Size) + 1, 10 * Size, AccessPattern.DontNeed);
        }

        Assert.That(container.Statistics.ResidentPages - before, Is.EqualTo(3), "the first in part, dirty, held");
        Assert.That(container.View.Read<long>(12 * Size), Is.EqualTo(42));
        Assert.That(container.View.Read<long>(15 * Size), Is.EqualTo(15));
    }

    [Test]
    public void Pinned_pages_stay_and_closing_waits_for_them()
    {
        Container container = Open();
        PagePin pin = container.View.Pin((3 * Size) + 1, 2 * Size);
        Assert.That(pin.Length, Is.EqualTo(2 * Size));
        int before = Manager.Upcalls;
        var token = new Token(container.Record.Id);
        for (ulong page = 3; page <= 5; page++)
        {
            Assert.That(Manager.Calls.LcdRemove(token, new PageNumber(page), [], out _), Is.EqualTo(Status.Busy));
            container.View.Write((long)page * Size, 1L);
        }

        Assert.That(Manager.Upcalls, Is.EqualTo(before));
        container.TakeSnapshot();                                   // does not wait for it
        Assert.That(
            container.Dispose,
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
        pin.Dispose();
        pin.Dispose();
        container.Dispose();
    }

    [Test]
    public void More_than_memory_is_not_pinned_and_nothing_of_it()
    {
        long pages = Kernel.Statistics.MemoryBudget / Size;
        using Container container = Kernel.OpenContainer("large", (pages + 1) * Size);
        Assert.That(
            () => container.View.Pin(0, container.Length),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoResources));
        using PagePin pin = container.View.Pin(0, 10 * Size);
        Assert.That(container.Statistics.ResidentPages, Is.EqualTo(10));
    }
}
