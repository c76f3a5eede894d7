using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Stores.Disks;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>A manager whose tables are in a container that it manages itself.</summary>
[TestFixtureSource(typeof(Runtime.Tests.Native.Engines), nameof(Runtime.Tests.Native.Engines.Here))]
public class SelfManagingManagerTests(TrapEngine engine)
{
    private const int Pages = 300;

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void It_boots_from_its_root_page_and_serves_others()
    {
        StateInterval interval;
        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            using Container b = store.Open("b");
            for (int page = 0; page < Pages; page++)
            {
                Write(a, page, page + 1);
            }

            Write(b, 7, 77);
            interval = a.TakeSnapshot().Interval;
            Write(a, 3, 333);
            Write(a, Pages - 1, 999);
        }

        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Assert.That(
                Enumerable.Range(0, Pages).Select(page => Read(a, page)),
                Is.EqualTo(Enumerable.Range(0, Pages).Select(page => page == 3 ? 333 : page == 299 ? 999 : page + 1L)));
            using Container b = store.Open("b");
            Assert.That(Read(b, 7), Is.EqualTo(77));
            Assert.That(Read(b, 8), Is.Zero);
            Assert.That(a.Interval, Is.GreaterThan(interval));
            SnapshotInfo newest = store.Kernel.History("a").Single();
            Assert.That(newest.Interval, Is.EqualTo(new StateInterval(a.Interval.Value - 1)));
        }
    }

    [Test]
    public void The_tables_are_a_container_whose_pages_come_by_faults()
    {
        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Write(a, 1, 1);
        }

        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            ContainerStatistics before = store.Tables.Statistics;
            Assert.That(Read(a, 1), Is.EqualTo(1));
            Assert.That(store.Tables.Statistics.Upcalls, Is.GreaterThan(before.Upcalls), "for the entry of the page");
            Assert.That(store.Kernel.Containers.Select(record => (record.Name, record.Manager)), Is.EquivalentTo(
                new[] { ("a", "self"), ("manager/self", "self") }));
        }
    }

    [Test]
    public void What_was_not_saved_is_gone_and_a_rollback_goes_back_to_what_was()
    {
        using Store store = Boot();
        Container a = store.Open("a");
        Write(a, 1, 1);
        a.TakeSnapshot().WaitForDurable();
        Write(a, 1, 2);
        Write(a, 2, 2);
        store.Kernel.Rollback("a");
        Assert.That((Read(a, 1), Read(a, 2)), Is.EqualTo((1L, 0L)));
        Write(a, 1, 3);
        a.Abandon();
        using Container again = store.Open("a");
        Assert.That((Read(again, 1), Read(again, 2)), Is.EqualTo((1L, 0L)));
    }

    [Test]
    public void Beyond_a_shorter_end_nothing_is_left()
    {
        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Write(a, 10, 1);
            Write(a, 20, 2);
            a.TakeSnapshot().WaitForDurable();
            a.Resize(15 * PageNumber.Size);
            a.Resize(Pages * PageNumber.Size);
            Assert.That((Read(a, 10), Read(a, 20)), Is.EqualTo((1L, 0L)));
        }

        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Assert.That((Read(a, 10), Read(a, 20)), Is.EqualTo((1L, 0L)));
        }
    }

    [Test]
    public void Blocks_are_used_again()
    {
        using Store store = Boot();
        using Container a = store.Open("a");
        long most = 0;
        for (int round = 0; round < 40; round++)
        {
            for (int page = 0; page < 50; page++)
            {
                Write(a, page, round * 1000 + page + 1);
            }

            a.TakeSnapshot().WaitForDurable();
            most = round == 5 ? store.Disk.BlockCount : most;
        }

        Assert.That(store.Disk.BlockCount, Is.LessThan(2 * most));
        using (Capability its = a.GetCapability())
        {
            Assert.That(store.Kernel.Calls.ContainerDestroy(its.Reference), Is.EqualTo(Status.Success));
        }

        using Container b = store.Open("b");
        for (int round = 0; round < 10; round++)
        {
            for (int page = 0; page < 50; page++)
            {
                Write(b, page, round * 1000 + page + 1);
            }

            b.TakeSnapshot().WaitForDurable();
        }

        Assert.That(store.Disk.BlockCount, Is.LessThan(2 * most));
    }

    [Test]
    public void A_container_that_was_deleted_leaves_its_place_at_the_next_boot()
    {
        using (Store store = Boot())
        {
            store.Open("a").Dispose();
            using Container a = store.Open("a");
            Write(a, 1, 1);
        }

        using (Store store = Boot())
        {
            store.Kernel.DeleteContainer("a");
        }

        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Assert.That(Read(a, 1), Is.Zero);
        }
    }

    [Test]
    public void Damage_on_its_disk_is_an_error_that_names_the_block()
    {
        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Write(a, 1, 1);
        }

        byte[] bytes = File.ReadAllBytes(_directory["disk"]);
        Assert.That(bytes[IDiskBlock(1)], Is.EqualTo(1), "the first block that is ever written is the page's");
        bytes[IDiskBlock(1) + 100] ^= 1;
        File.WriteAllBytes(_directory["disk"], bytes);
        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Assert.That(
                () => Read(a, 1),
                Throws.InstanceOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.IoError));
            Assert.That(Read(a, 2), Is.Zero);
        }
    }

    [Test]
    public void Another_disk_is_refused()
    {
        using (Store store = Boot())
        {
            using Container a = store.Open("a");
            Write(a, 1, 1);
        }

        File.WriteAllBytes(_directory["disk"], new byte[1 << 20]);
        using (Store store = Boot())
        {
            KernelException failure = Assert.Catch<KernelException>(() => store.Open("a"))!;
            Assert.That(failure.Status, Is.EqualTo(Status.IoError));
        }
    }

    [Test]
    public void The_root_page_by_system_calls()
    {
        using Store store = Boot();
        using Container a = store.Open("a");
        using Container other = store.Kernel.OpenContainer("plain", 16 * PageNumber.Size, "snapshotting");
        SystemCalls calls = store.Kernel.Calls;
        using Capability manager = store.Kernel.GetManagerCapability("self");
        using Capability plain = other.GetCapability();
        using Capability less = plain.Derive(KernelRights.Invoke);
        calls.ContainerCreate(CapRef.Locus(500), "unmanaged", 4096);
        Assert.Multiple(() =>
        {
            Assert.That(calls.GetRootPage(manager.Reference, out ulong root), Is.EqualTo(Status.Success));
            Assert.That(root, Is.Zero);
            Assert.That(calls.MapRootPage(manager.Reference, 4096, out bool success), Is.EqualTo(Status.AlreadySet));
            Assert.That(success, Is.False);
            Assert.That(calls.GetRootPage(plain.Reference, out root), Is.EqualTo(Status.Success));
            Assert.That(root, Is.EqualTo(ulong.MaxValue));
            Assert.That(calls.GetRootPage(less.Reference, out _), Is.EqualTo(Status.PermissionDenied));
            Assert.That(calls.MapRootPage(less.Reference, 0, out _), Is.EqualTo(Status.PermissionDenied));
            Assert.That(calls.MapRootPage(plain.Reference, 100, out _), Is.EqualTo(Status.NotAligned));
            Assert.That(calls.MapRootPage(plain.Reference, 16 * 4096, out _), Is.EqualTo(Status.OutOfRange));
            Assert.That(calls.MapRootPage(CapRef.Locus(500), 0, out _), Is.EqualTo(Status.NoManager));
        });
        Write(other, 3, 1);
        Assert.That(calls.MapRootPage(plain.Reference, 3 * 4096, out _), Is.EqualTo(Status.AlreadyInstalled));
        Assert.That(calls.MapRootPage(plain.Reference, 4 * 4096, out bool done), Is.EqualTo(Status.Success));
        Assert.That(done);
        Assert.That(calls.GetRootPage(plain.Reference, out ulong there), Is.EqualTo(Status.Success));
        Assert.That(there, Is.EqualTo(4 * 4096));
        Assert.That(calls.RemoveManager(plain.Reference), Is.EqualTo(Status.NotSupported));
    }

    [Test]
    public void The_root_page_is_no_part_of_cuts_and_is_always_there()
    {
        using Store store = Boot(budget: OperatingSystem.IsWindows() ? 64 << 20 : 1 << 20);
        using Container other = store.Kernel.OpenContainer("plain", 1024 * PageNumber.Size, "snapshotting");
        using Capability plain = other.GetCapability();
        Assert.That(store.Kernel.Calls.MapRootPage(plain.Reference, 500 * 4096, out _), Is.EqualTo(Status.Success));
        long faults = other.Statistics.WriteFaults;
        for (int round = 0; round < 10; round++)
        {
            Write(other, 500, round);
        }

        Assert.That(other.Statistics.WriteFaults, Is.EqualTo(faults));
        Assert.That(other.Statistics.DirtyPages, Is.Zero);
        for (int page = 0; page < 1000; page++)
        {
            Write(other, page == 500 ? 501 : page, page);
        }

        other.TakeSnapshot().WaitForDurable();
        Write(other, 500, 4711);
        Assert.That(other.Statistics.DirtyPages, Is.Zero);
        Assert.That(Read(other, 500), Is.EqualTo(4711));
        Assert.That(Read(other, 499), Is.EqualTo(499));
    }

    [Test, Deadline(120)]
    public void Threads_write_and_cut_several_containers_at_once([Values(1, 2)] int seed)
    {
        int threads = Runtime.Tests.Native.Wine.IsHere ? 1 : 3;
        int rounds = OperatingSystem.IsWindows() ? 20 : 60;
        using (Store store = Boot(budget: OperatingSystem.IsWindows() ? 96 << 20 : 2 << 20))
        {
            Task[] users = [.. Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
                () => Use(store, $"c{thread}", new Random(seed * 10 + thread), rounds),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
            Task.WaitAll(users);
        }

        using (Store store = Boot())
        {
            for (int thread = 0; thread < threads; thread++)
            {
                var random = new Random(seed * 10 + thread);
                long[] model = Model(random, rounds);
                using Container container = store.Open($"c{thread}");
                Assert.That(Enumerable.Range(0, Pages).Select(page => Read(container, page)), Is.EqualTo(model));
            }
        }
    }

    private static void Use(Store store, string name, Random random, int rounds)
    {
        using Container container = store.Open(name);
        var model = new long[Pages];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < 30; i++)
            {
                int page = random.Next(Pages);
                Assert.That(Read(container, page), Is.EqualTo(model[page]));
                Write(container, page, model[page] = random.NextInt64());
            }

            if (round % 2 == 0)
            {
                container.TakeSnapshot();
            }
        }
    }

    private static long[] Model(Random random, int rounds)
    {
        var model = new long[Pages];
        for (int i = 0; i < rounds * 30; i++)
        {
            model[random.Next(Pages)] = random.NextInt64();
        }

        return model;
    }

    private static int IDiskBlock(int block) => block * Runtime.Core.Disks.IDisk.BlockSize;

    private static void Write(Container container, int page, long value) =>
        container.View.Write(page * PageNumber.Size, value);

    private static long Read(Container container, int page) => container.View.Read<long>(page * PageNumber.Size);

    private Store Boot(long? budget = null) => new(_directory, engine, budget);

    private sealed class Store : IDisposable
    {
        private Volume? _volume;

        internal Store(TemporaryDirectory directory, TrapEngine engine, long? budget)
        {
            Disk = FileDisk.Open(directory["disk"], create: true);
            var options = new KernelOptions
            {
                OpenVolume = () => _volume = Volume.Open(directory["home"], new VolumeOptions { Create = true }),
                DefaultManager = "self",
                Engine = engine,
                MemoryBudget = budget,
            };
            options.Managers.Add("self", () => new SelfManagingManager(Disk));
            options.Managers.Add("snapshotting", () => new SnapshottingManager(_volume!));
            Kernel = Kernel.Boot(options);
        }

        internal FileDisk Disk { get; }

        internal Kernel Kernel { get; }

        internal Container Tables => Kernel.EntityOf("manager/self").Open!;

        internal Container Open(string name) => Kernel.OpenContainer(name, Pages * PageNumber.Size);

        public void Dispose()
        {
            Kernel.Dispose();
            Disk.Dispose();
        }
    }
}
