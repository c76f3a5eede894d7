using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Memory;

/// <summary>Dirty pages whose manager does not take them leave memory all the same, and nothing is lost.</summary>
public class SpillTests(TrapEngine engine) : MemoryPressureFixture(engine)
{
    private TestSpill _spill = null!;

    [TearDown]
    public void AssertEmpty() => Assert.That(_spill.Count, Is.Zero, "what was closed needs nothing any more");

    [Test, Deadline(120)]
    public void Pages_are_put_aside_and_come_back_as_they_were()
    {
        using Container container = Open("large", 4 * BudgetUnits);
        Write(container, 0, 4 * BudgetUnits, value: 7);
        AssertWithinBudget();
        Assert.That(container.Statistics.Spills, Is.GreaterThanOrEqualTo(3 * BudgetUnits));
        Assert.That(container.Statistics.SpilledPages, Is.EqualTo(_spill.Count));
        Assert.That(container.Statistics.DirtyPages, Is.EqualTo(4 * BudgetUnits));
        Assert.That(Kernel.Statistics.Spills, Is.EqualTo(container.Statistics.Spills));
        Assert.That(Kernel.Statistics.ForcedPages, Is.Positive);

        int faults = Large.Faults;
        AssertHolds(container, 0, 4 * BudgetUnits, value: 7);
        Assert.That(Large.Faults, Is.EqualTo(faults), "the manager is not asked for what it does not have");
        AssertWithinBudget();
    }

    [Test, Deadline(120)]
    public void A_cut_has_the_pages_that_were_put_aside([Values] bool readsAtCut)
    {
        Large.ReadsAtCut = readsAtCut;
        using Container container = Open("large", 3 * BudgetUnits);
        for (int cut = 1; cut <= 3; cut++)
        {
            Write(container, 0, 3 * BudgetUnits / cut, value: cut * 1000);
            Snapshot snapshot = container.TakeSnapshot();
            Assert.That(snapshot.Info.PagesChanged, Is.EqualTo(3 * BudgetUnits / cut));
            snapshot.WaitForDurable();
            Assert.That(_spill.Count, Is.Zero, "the manager has them now");
            AssertSaved(container, 0, 3 * BudgetUnits / cut, value: cut * 1000);
            AssertHolds(container, 0, 3 * BudgetUnits / cut, value: cut * 1000);
            AssertWithinBudget();
        }
    }

    [Test, Deadline(120)]
    public void A_refused_cut_leaves_them_where_they_are_and_the_next_one_has_them()
    {
        using Container container = Open("large", 2 * BudgetUnits);
        Write(container, 0, 2 * BudgetUnits, value: 5);
        Large.OnCut = () => Status.NoResources;
        Assert.That(() => container.TakeSnapshot(), Throws.TypeOf<KernelException>());
        Large.OnCut = null;
        AssertHolds(container, 0, 2 * BudgetUnits, value: 5);
        Assert.That(_spill.Count, Is.Positive);

        container.TakeSnapshot().WaitForDurable();
        AssertSaved(container, 0, 2 * BudgetUnits, value: 5);
    }

    [Test, Deadline(120)]
    public void A_snapshot_that_is_not_saved_leaves_them_dirty()
    {
        using Container container = Open("large", 2 * BudgetUnits);
        Write(container, 0, 2 * BudgetUnits, value: 5);
        Large.OnSave = () => Status.IoError;
        Assert.That(() => container.TakeSnapshot().WaitForDurable(), Throws.TypeOf<KernelException>());
        Large.OnSave = null;
        AssertHolds(container, 0, 2 * BudgetUnits, value: 5);
        Write(container, 0, BudgetUnits, value: 6);

        Snapshot snapshot = container.TakeSnapshot();
        snapshot.WaitForDurable();
        Assert.That(snapshot.Info.PagesChanged, Is.EqualTo(2 * BudgetUnits));
        AssertSaved(container, 0, BudgetUnits, value: 6);
        AssertSaved(container, BudgetUnits, BudgetUnits, value: 5);
    }

    /// <summary>Not where memory comes by chunks: what is freed for one leaves no room for copies.</summary>
    [Test, LinuxOnly, Deadline(120)]
    public void What_is_written_after_the_cut_does_not_reach_the_snapshot()
    {
        using var mayGoOn = new ManualResetEventSlim();
        using Container container = Open("large", 2 * BudgetUnits);
        using Container clean = Open("small", BudgetUnits);
        Write(container, 0, 2 * BudgetUnits, value: 5);
        Read(clean, 0, BudgetUnits);                                // so that there is something that may leave
        Large.OnSave = () =>
        {
            mayGoOn.Wait();
            return Status.Success;
        };
        Snapshot snapshot = container.TakeSnapshot();
        try
        {
            Write(container, 0, BudgetUnits / 8, value: 9);
            AssertHolds(container, BudgetUnits, BudgetUnits / 8, value: 5);
            AssertHolds(container, 0, BudgetUnits / 8, value: 9);
        }
        finally
        {
            mayGoOn.Set();
        }

        snapshot.WaitForDurable();
        AssertSaved(container, 0, 2 * BudgetUnits, value: 5);
        AssertHolds(container, 0, BudgetUnits / 8, value: 9);
        Large.OnSave = null;
        container.TakeSnapshot().WaitForDurable();
        AssertSaved(container, 0, BudgetUnits / 8, value: 9);
    }

    [Test, Deadline(120)]
    public void Where_the_spill_is_full_pages_stay_and_who_asked_is_told()
    {
        _spill.Capacity = (int)(BudgetUnits / 2);
        using Container container = Open("large", 4 * BudgetUnits);
        long written = 0;
        ContainerFaultException? refused = null;
        while (refused is null)
        {
            try
            {
                Write(container, written, 1, value: 3);
                written++;
            }
            catch (ContainerFaultException e)
            {
                refused = e;
            }
        }

        Assert.That(refused.Status, Is.EqualTo(Status.NoResources));
        Assert.That(_spill.Count, Is.EqualTo(_spill.Capacity));
        Assert.That(written, Is.InRange(BudgetUnits * 5 / 4, BudgetUnits * 3 / 2));
        _spill.Capacity = int.MaxValue;
        Write(container, written, 4 * BudgetUnits - written, value: 3);
        AssertHolds(container, 0, 4 * BudgetUnits, value: 3);
    }

    [Test, Deadline(60)]
    public void What_cannot_be_read_back_is_a_fault_until_it_can()
    {
        using Container container = Open("large", 2 * BudgetUnits);
        Write(container, 0, 2 * BudgetUnits, value: 3);
        long spilled = Enumerable.Range(0, (int)BudgetUnits).First(unit =>
            container.Memory.IsSpilled(unit * Stride / PageSize));
        _spill.FailsToRead = true;
        Assert.That(
            () => container.View.Read<long>(spilled * Stride),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.IoError));
        Assert.That(() => container.TakeSnapshot().WaitForDurable(), Throws.InstanceOf<KernelException>());
        _spill.FailsToRead = false;
        AssertHolds(container, 0, 2 * BudgetUnits, value: 3);
        container.TakeSnapshot().WaitForDurable();
        AssertSaved(container, 0, 2 * BudgetUnits, value: 3);
    }

    [Test, Deadline(60)]
    public void A_shorter_length_drops_them_and_a_longer_one_reads_zeroes()
    {
        using Container container = Open("large", 3 * BudgetUnits);
        Write(container, 0, 3 * BudgetUnits, value: 3);
        container.Resize(BudgetUnits / 2 * Stride);
        Assert.That(_spill.Count, Is.LessThanOrEqualTo(BudgetUnits / 2));
        container.Resize(3 * BudgetUnits * Stride);
        AssertHolds(container, 0, BudgetUnits / 2, value: 3);
        for (long unit = BudgetUnits / 2; unit < 3 * BudgetUnits; unit++)
        {
            Assert.That(container.View.Read<long>(unit * Stride), Is.Zero);
        }
    }

    [Test, Deadline(60)]
    public void While_a_manager_hangs_its_dirty_pages_make_room_for_others_and_stay_usable()
    {
        using var mayGoOn = new ManualResetEventSlim();
        Large.OnDiscard = (in _) => mayGoOn.Wait();
        using Container large = Open("large", BudgetUnits);
        using Container small = Open("small", 2 * BudgetUnits);
        Write(large, 0, BudgetUnits - 1, value: 4);
        Read(small, 0, 2 * BudgetUnits);
        AssertHolds(large, 0, BudgetUnits - 1, value: 4);
        Write(large, 0, BudgetUnits - 1, value: 5);
        Read(small, 0, 2 * BudgetUnits);
        Assert.That(Kernel.Statistics.OverdueDiscards, Is.Positive);
        mayGoOn.Set();
        AssertHolds(large, 0, BudgetUnits - 1, value: 5);
        AssertWithinBudget();
    }

    [Test, Deadline(60)]
    public void The_share_of_a_small_manager_outlives_the_pages_that_others_do_not_save()
    {
        using Container small = Open("small", BudgetUnits / 16);
        using Container large = Open("large", 4 * BudgetUnits);
        Read(small, 0, BudgetUnits / 16);
        Write(large, 0, 4 * BudgetUnits, value: 1);
        Read(small, 0, BudgetUnits / 16);
        Assert.That(Small.Faults, Is.EqualTo(BudgetUnits / 16));
    }

    [Test, Deadline(60)]
    public void A_kernel_that_may_not_put_pages_aside_refuses()
    {
        ShutDown();
        Spills = false;
        Boot();
        Spills = true;
        using Container container = Open("large", 2 * BudgetUnits);
        Assert.That(
            () => Write(container, 0, 2 * BudgetUnits, value: 1),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoResources));
        Assert.That(Kernel.Statistics.Spills, Is.Zero);
    }

    [Test, Deadline(120)]
    public void Threads_collections_and_snapshots_at_once_find_every_page_as_it_was([Values(1, 2)] int seed)
    {
        const int Threads = 4;
        int rounds = OperatingSystem.IsWindows() ? 120 : 1500;
        long units = 3 * BudgetUnits;
        using Container container = Open("large", units);
        Wine.TouchChunks(container);
        var model = new long[units];
        using var collections = new Collections();
        int running = Threads;
        long written = 0;
        Task[] threads = [.. Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() =>
        {
            var random = new Random(seed * 100 + thread);
            for (int i = 0; i < rounds; i++)
            {
                long unit = random.NextInt64(units / Threads) * Threads + thread;
                Assert.That(container.View.Read<long>(unit * Stride), Is.EqualTo(model[unit]), $"seed {seed}, {unit}");
                Assert.That(container.View.Read<long>(unit * Stride + PageSize - 8), Is.EqualTo(model[unit]));
                if (random.Next(4) > 0)
                {
                    Interlocked.Increment(ref written);
                    model[unit]++;
                    container.View.Write(unit * Stride, model[unit]);
                    container.View.Write(unit * Stride + PageSize - 8, model[unit]);
                }
            }

            Interlocked.Decrement(ref running);
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        for (long next = 4 * BudgetUnits;                           // more than memory holds
            Volatile.Read(ref running) > 0 && !threads.Any(thread => thread.IsFaulted);
            Thread.Yield())
        {
            if (Interlocked.Read(ref written) >= next)
            {
                container.TakeSnapshot().WaitForDurable();
                next = Interlocked.Read(ref written) + (4 * BudgetUnits);
            }
        }

        Task.WaitAll(threads);
        Assert.That(container.Statistics.Spills, Is.Positive, $"seed {seed}");
        container.TakeSnapshot().WaitForDurable();
        for (long unit = 0; unit < units; unit++)
        {
            Assert.That(container.View.Read<long>(unit * Stride), Is.EqualTo(model[unit]), $"seed {seed}, {unit}");
            byte[] saved = Large.Saved(container.Record.Id, (ulong)(unit * Stride / PageSize));
            Assert.That(BitConverter.ToInt64(saved), Is.EqualTo(model[unit]), $"seed {seed}, {unit}");
        }

        AssertWithinBudget();
    }

    private protected override IVolume OpenVolume() => new SpillingVolume(_spill = new TestSpill());

    private void AssertSaved(Container container, long first, long count, long value)
    {
        for (long unit = first; unit < first + count; unit++)
        {
            byte[] saved = Large.Saved(container.Record.Id, (ulong)(unit * Stride / PageSize));
            Assert.That(BitConverter.ToInt64(saved), Is.EqualTo(value + unit), $"saved, {unit}");
        }
    }

    private void AssertWithinBudget() =>
        Assert.That(Kernel.Statistics.MemoryInUse, Is.LessThanOrEqualTo(Kernel.Statistics.MemoryBudget * 105 / 100));
}
