using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Memory;

/// <summary>The budget is a bound that is kept, and nothing is lost for it.</summary>
public class MemoryBudgetTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const long MiB = 1 << 20;
    private const long PageSize = PageNumber.Size;

    // As small as may be, so that four times as much is soon written.
    private static readonly long s_budget = OperatingSystem.IsWindows() ? 64 * MiB : 4 * MiB;

    // There the smallest budget is sixteen times as large.
    private static readonly int s_accesses = OperatingSystem.IsWindows() ? 12_000 : 40_000;

    protected override long? MemoryBudget => s_budget;

    private static long BudgetPages => s_budget / PageSize;

    [Test, Deadline(240)]
    public void Four_times_the_budget_is_read_and_written_and_every_value_is_right([Values(1, 2)] int seed)
    {
        long pages = 4 * BudgetPages;
        var random = new Random(seed);
        var model = new int[pages];
        using Container container = Open("a", pages);
        for (int i = 1; i <= s_accesses; i++)
        {
            long page = random.NextInt64(pages);
            Assert.That(container.View.Read<int>(page * PageSize), Is.EqualTo(model[page]), $"seed {seed}, {page}");
            if (random.Next(2) == 0)
            {
                container.View.Write(page * PageSize, model[page] = i);
            }

            if (i % (s_accesses / 4) == 0)
            {
                container.TakeSnapshot();
            }

            if (i % (s_accesses / 40) == 0)
            {
                AssertWithinBudget(container);
            }
        }

        Assert.That(container.Statistics.Evictions, Is.Positive);
    }

    /// <summary>
    /// Privateer lost 640 of 1,024 values in a later snapshot when its memory budget was below the region: pages that
    /// are dirty in the open interval must survive their eviction, in every version.
    /// </summary>
    [Test, Deadline(240)]
    public void Snapshots_are_complete_though_their_pages_left_memory_before_the_cut()
    {
        long pages = 4 * BudgetPages;
        using Container container = Open("a", pages);
        var snapshots = new List<Snapshot>();
        for (int value = 1; value <= 3; value++)
        {
            for (long page = 0; page < pages; page += value)
            {
                container.View.Write(page * PageSize, value);
            }

            snapshots.Add(container.TakeSnapshot());
            Assert.That(snapshots[^1].Info.PagesChanged, Is.EqualTo((pages + value - 1) / value));
        }

        for (int cut = 0; cut < snapshots.Count; cut++)
        {
            using Container version = Kernel.OpenVersion("a", snapshots[cut].Interval);
            for (long page = 0; page < pages; page++)
            {
                int last = Enumerable.Range(1, cut + 1).Last(value => page % value == 0);
                int seen = version.View.Read<int>(page * PageSize);
                Assert.That(seen, Is.EqualTo(last), $"version {cut + 1}, page {page}");
            }
        }
    }

    [Test, Deadline(240)]
    public void Many_threads_over_several_containers_stay_within_the_budget_together()
    {
        Container[] containers = [.. Enumerable.Range(0, 3).Select(i => Open($"c{i}", 2 * BudgetPages))];
        long[][] model = [.. containers.Select(_ => new long[2 * BudgetPages])];
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, thread =>
        {
            var random = new Random(thread);
            for (int i = 0; i < s_accesses / 4; i++)
            {
                int which = random.Next(containers.Length);
                Container container = containers[which];
                long page = (random.NextInt64(2 * BudgetPages) & ~3L) + thread;
                long seen = container.View.Read<long>(page * PageSize);
                Assert.That(seen, Is.EqualTo(model[which][page]++), $"'c{which}', page {page}");
                container.View.Write(page * PageSize, seen + 1);
                container.View.Write(page * PageSize + 8, seen + 1);
            }
        });
        AssertWithinBudget(containers);
        foreach (Container container in containers)
        {
            for (long page = 0; page < 2 * BudgetPages; page++)
            {
                Assert.That(
                    container.View.Read<long>(page * PageSize),
                    Is.EqualTo(container.View.Read<long>(page * PageSize + 8)),
                    $"page {page}");
            }
        }
    }

    [Test, Deadline(60)]
    public void Pins_that_use_the_budget_up_are_refused_and_let_go()
    {
        using Container container = Open("a", 2 * BudgetPages);
        int half = (int)(s_budget / 2);
        using (container.View.Lease(0, half, Access.Write))
        {
            Assert.That(
                () => container.View.Lease(s_budget, half + (int)MiB, Access.Read),
                Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoResources));
            Assert.That(container.View.Read<int>(s_budget), Is.Zero, "what was not pinned gives way");
        }

        using Lease after = container.View.Lease(s_budget, half + (int)MiB, Access.Read);
        Assert.That(
            () => container.View.Lease(0, (int)s_budget + 1, Access.Read), Throws.TypeOf<ContainerFaultException>());
    }

    [Test, Deadline(60)]
    public void While_a_snapshot_is_saved_writers_wait_for_memory_and_go_on()
    {
        using var mayGoOn = new ManualResetEventSlim();
        using Container container = Open("a", BudgetPages);
        for (long page = 0; page < BudgetPages - 8; page++)
        {
            container.View.Write(page * PageSize, 1);
        }

        Manager.OnSave = _ =>
        {
            mayGoOn.Wait();
            return Status.Success;
        };
        Snapshot snapshot = container.TakeSnapshot();
        var writer = new Thread(() =>
        {
            for (long page = 0; page < BudgetPages; page++)
            {
                container.View.Write(page * PageSize, 2);
            }
        });
        writer.Start();
        Assert.That(writer.Join(TimeSpan.FromMilliseconds(300)), Is.False, "there is no memory for all the copies");
        mayGoOn.Set();
        writer.Join();
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        for (long page = 0; page < BudgetPages; page++)
        {
            Assert.That(version.View.Read<int>(page * PageSize), Is.EqualTo(page < BudgetPages - 8 ? 1 : 0), $"{page}");
            Assert.That(container.View.Read<int>(page * PageSize), Is.EqualTo(2), $"page {page}");
        }
    }

    [Test, Deadline(60)]
    public void From_a_manager_that_gives_nothing_back_clean_pages_are_taken([Values] bool throws)
    {
        Manager.OnDiscard = (in _) =>
        {
            if (throws)
            {
                throw new VolumeException(Status.NoResources, "the disk is full");
            }
        };
        using Container container = Open("a", 4 * BudgetPages);
        for (long page = 0; page < 4 * BudgetPages; page++)
        {
            Assert.That(container.View.Read<int>(page * PageSize), Is.Zero);
        }

        AssertWithinBudget(container);
        Assert.That(
            () =>
            {
                for (long page = 0; page < 4 * BudgetPages; page++)
                {
                    container.View.Write(page * PageSize, 1);
                }
            },
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoResources),
            "dirty pages cannot leave without their manager");
        Manager.OnDiscard = null;
        container.View.Write(4 * BudgetPages * PageSize - 8, 1);
    }

    [Test, Deadline(60)]
    public void A_page_that_is_claimed_to_leave_is_not_written_while_its_manager_saves_it()
    {
        using Container container = Open("a", 2 * BudgetPages);
        container.View.Write(0, 1);
        var writer = new Thread(() => container.View.Write(0, 2));
        bool isOvertaken = false;
        Manager.OnDiscard = (in request) =>
        {
            Manager.OnDiscard = null;
            Assert.That(request.TryChoose(container.Memory.Token, new PageNumber(0), 1), Is.True);
            writer.Start();
            isOvertaken = writer.Join(TimeSpan.FromMilliseconds(100));
        };
        for (long page = 1; page < 2 * BudgetPages; page++)
        {
            container.View.Read<int>(page * PageSize);
        }

        writer.Join();
        Assert.That(isOvertaken, Is.False);
        Assert.That(container.View.Read<int>(0), Is.EqualTo(2));
    }

    [Test]
    public void A_budget_that_is_too_small_is_refused()
    {
        var options = new KernelOptions
        {
            OpenVolume = () => throw new InvalidOperationException(),
            MemoryBudget = 4096,
        };
        Assert.That(() => Kernel.Boot(options), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Counts what the system says is there, not what the kernel believes.</summary>
    private static void AssertWithinBudget(params Container[] containers)
    {
        long resident = containers.Sum(AllocatedPages.Count);
        Assert.That(resident, Is.LessThanOrEqualTo(BudgetPages * 105 / 100));
    }
}
