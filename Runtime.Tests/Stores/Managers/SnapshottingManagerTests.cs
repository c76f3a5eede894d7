using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Stores;
using Runtime.Tests.Native;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Containers on a real volume, written and read through their windows.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class SnapshottingManagerTests(TrapEngine engine)
{
    private const long TiB = 1L << 40;

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void The_options_name_the_directory_and_register_the_manager()
    {
        var options = new KernelOptions { Volume = _directory["home"] };

        Assert.That(options.Volume, Is.EqualTo(_directory["home"]));
        Assert.That(options.Managers.Names, Is.EqualTo(["snapshotting"]));
        Assert.That(new KernelOptions().Volume, Is.Null);
    }

    [Test, Deadline(300)]
    public void Through_writes_snapshots_and_reopening_it_holds_what_a_dictionary_holds([Values(1, 2, 3)] int seed)
    {
        const long Length = 64 << 20;
        var random = new Random(seed);
        var model = new Dictionary<long, long>();
        var versions = new List<(StateInterval Interval, Dictionary<long, long> Content)>();
        for (int round = 0; round < 6; round++)
        {
            using Kernel kernel = Boot();
            Container container = kernel.OpenContainer("notes", Length);
            for (int cut = 0; cut < 3; cut++)
            {
                int writes = random.Next(1, 200);
                for (int i = 0; i < writes; i++)
                {
                    long offset = random.NextInt64(Length / 8) * 8;
                    container.View.Write(offset, model[offset] = random.NextInt64());
                }

                Snapshot snapshot = container.TakeSnapshot();
                versions.Add((snapshot.Interval, new Dictionary<long, long>(model)));
            }

            AssertHolds(container, model, $"seed {seed}, round {round}");
            (StateInterval interval, Dictionary<long, long> content) = versions[random.Next(versions.Count)];
            using Container old = kernel.OpenVersion("notes", interval);
            AssertHolds(old, content, $"seed {seed}, round {round}, version {interval}");
            Assert.That(kernel.History("notes").Select(v => v.Interval), Is.EqualTo(versions.Select(v => v.Interval)));
        }
    }

    [Test]
    public void What_was_not_snapshotted_is_gone_only_when_the_options_say_so([Values] bool snapshotOnDispose)
    {
        using (Kernel kernel = Boot(snapshotOnDispose))
        {
            Container container = kernel.OpenContainer("a", TiB);
            container.View.Write(TiB - 8, 1L);
            container.TakeSnapshot();
            container.View.Write(TiB - 8, 2L);
        }

        using Kernel again = Boot();
        Assert.That(again.OpenContainer("a").View.Read<long>(TiB - 8), Is.EqualTo(snapshotOnDispose ? 2 : 1));
    }

    [Test]
    public void A_damaged_page_fails_its_fault_with_IoError_and_no_other()
    {
        using (Kernel kernel = Boot())
        {
            Container container = kernel.OpenContainer("a", 1 << 20);
            container.View.Fill(0, 4096, 0xA1);
            container.View.Fill(4096, 4096, 0xB2);
        }

        string data = Path.Combine(_directory["home"], "data");
        byte[] bytes = File.ReadAllBytes(data);
        bytes[bytes.AsSpan().IndexOf(Enumerable.Repeat((byte)0xA1, 4096).ToArray()) + 100] ^= 1;
        File.WriteAllBytes(data, bytes);

        using Kernel again = Boot();
        ContainerView view = again.OpenContainer("a").View;
        Assert.That(view.Read<byte>(4096), Is.EqualTo(0xB2));
        Assert.That(
            () => view.Read<byte>(0),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.IoError));
    }

    [Test]
    public void Pages_of_one_container_are_read_by_many_threads_at_once()
    {
        const int Pages = 4096;
        using (Kernel kernel = Boot())
        {
            Container container = kernel.OpenContainer("a", Pages * PageNumber.Size);
            for (int page = 0; page < Pages; page++)
            {
                container.View.Write((long)page * PageNumber.Size, page + 1);
            }
        }

        using Kernel again = Boot();
        Container reopened = again.OpenContainer("a");
        Wine.TouchChunks(reopened);
        ContainerView view = reopened.View;
        Parallel.For(0, Pages, page => Assert.That(view.Read<int>((long)page * PageNumber.Size), Is.EqualTo(page + 1)));
    }

    [Test]
    public void A_fault_on_a_page_whose_map_is_in_memory_allocates_nothing()
    {
        const int Pages = 200;
        using (Kernel kernel = Boot())
        {
            kernel.OpenContainer("a", 1 << 20).View.Fill(0, 1 << 20, 3);
        }

        using Kernel again = Boot();
        ContainerView view = again.OpenContainer("a").View;
        for (int page = 0; page < 10; page++)
        {
            view.Read<byte>(page * PageNumber.Size);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int page = 10; page < Pages; page++)
        {
            view.Read<byte>(page * PageNumber.Size);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test, Deadline(120)]
    public void A_budget_far_below_the_container_loses_nothing_and_snapshots_are_whole()
    {
        const long Pages = 8192;
        long budget = OperatingSystem.IsWindows() ? 64 << 20 : Pages * PageNumber.Size / 8;
        long pages = OperatingSystem.IsWindows() ? 4 * Pages : Pages;
        Snapshot[] snapshots;
        using (Kernel kernel = Boot(budget: budget))
        {
            Container container = kernel.OpenContainer("a", pages * PageNumber.Size);
            snapshots = [.. Enumerable.Range(1, 3).Select(value =>
            {
                for (long page = 0; page < pages; page += value)
                {
                    container.View.Write(page * PageNumber.Size, value);
                }

                return container.TakeSnapshot();
            })];
            Assert.That(container.Statistics.Evictions, Is.Positive);
            AssertVersions(kernel, snapshots, pages);
        }

        using Kernel again = Boot(budget: budget);
        AssertVersions(again, snapshots, pages);
    }

    [Test, Deadline(120)]
    public void Reading_on_is_foreseen_in_either_direction_and_at_a_distance([Values(1, 5, -1)] int stride)
    {
        const int Pages = 4096;
        using (Kernel kernel = Boot())
        {
            Container container = kernel.OpenContainer("a", Pages * PageNumber.Size);
            for (int page = 0; page < Pages; page++)
            {
                container.View.Write((long)page * PageNumber.Size, page + 1);
            }
        }

        using Kernel again = Boot();
        Container read = again.OpenContainer("a");
        int steps = Pages / Math.Abs(stride);
        for (int step = 0; step < steps; step++)
        {
            long page = stride > 0 ? step * stride : Pages - 1 - step;
            Assert.That(read.View.Read<int>(page * PageNumber.Size), Is.EqualTo(page + 1));
            if (step == steps / 2)
            {
                // A reader faster than the disk gains nothing: let what was planned come.
                Assert.That(() => read.Statistics.Prefetched, Is.Positive.After(10_000, 10));
            }
        }

        Assert.That(read.Statistics.Upcalls, Is.LessThan(steps));
        Assert.That(read.Statistics.Upcalls + read.Statistics.Prefetched, Is.GreaterThanOrEqualTo(steps));
    }

    [Test]
    public void Faults_here_and_there_bring_nothing_else_in()
    {
        const int Pages = 4096;
        using Kernel kernel = Boot();
        Container container = kernel.OpenContainer("a", Pages * PageNumber.Size);
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            container.View.Read<int>(random.NextInt64(Pages / 100) * 100 * PageNumber.Size);
        }

        Assert.That(container.Statistics.Prefetched, Is.Zero);
    }

    [Test]
    public void A_larger_transfer_unit_brings_neighbours_with_the_page()
    {
        var options = new KernelOptions { Volume = _directory["home"] };
        using Runtime.Stores.Volumes.Volume volume = Runtime.Stores.Volumes.Volume.Open(
            _directory["units"], new Runtime.Stores.Volumes.VolumeOptions { Create = true });
        options = new KernelOptions { OpenVolume = () => volume };
        options.Managers.Add(
            "snapshotting",
            () => new Runtime.Stores.Managers.SnapshottingManager(
                volume, new Runtime.Stores.Managers.SnapshottingOptions { TransferUnit = 16, ReadAhead = 0 }));
        using Kernel kernel = Kernel.Boot(options);
        Container container = kernel.OpenContainer("a", 1 << 20);
        container.View.Read<int>(20 * PageNumber.Size);
        Assert.That(container.Statistics.ResidentPages, Is.EqualTo(16));
        long faults = container.Statistics.ReadFaults;
        for (int page = 16; page < 32; page++)
        {
            container.View.Read<int>(page * PageNumber.Size);
        }

        Assert.That(container.Statistics.ReadFaults, Is.EqualTo(faults));
    }

    [Test]
    public void A_damaged_page_fails_no_neighbour_that_comes_in_the_same_unit()
    {
        using (Kernel kernel = Boot())
        {
            Container container = kernel.OpenContainer("a", 1 << 20);
            for (int page = 0; page < 32; page++)
            {
                container.View.Fill(page * PageNumber.Size, PageNumber.Size, (byte)(0xA0 + page));
            }
        }

        string data = Path.Combine(_directory["home"], "data");
        byte[] bytes = File.ReadAllBytes(data);
        bytes[bytes.AsSpan().IndexOf(Enumerable.Repeat((byte)0xA5, 4096).ToArray()) + 100] ^= 1;
        File.WriteAllBytes(data, bytes);

        using Runtime.Stores.Volumes.Volume volume = Runtime.Stores.Volumes.Volume.Open(_directory["home"]);
        var options = new KernelOptions { OpenVolume = () => volume };
        options.Managers.Add(
            "snapshotting",
            () => new Runtime.Stores.Managers.SnapshottingManager(
                volume, new Runtime.Stores.Managers.SnapshottingOptions { TransferUnit = 16, ReadAhead = 0 }));
        using Kernel again = Kernel.Boot(options);
        ContainerView view = again.OpenContainer("a").View;
        for (int page = 0; page < 32; page++)
        {
            if (page != 5)
            {
                Assert.That(view.Read<byte>(page * PageNumber.Size), Is.EqualTo(0xA0 + page));
            }
        }

        Assert.That(
            () => view.Read<byte>(5 * PageNumber.Size),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.IoError));
    }

    [Test, Deadline(60)]
    public void A_container_whose_leases_outlast_the_kernel_can_be_closed_when_they_have_ended()
    {
        Kernel kernel = Boot();
        Container container = kernel.OpenContainer("a", 1 << 20);
        container.View.Write(0, 1);
        Lease lease = container.View.Lease(PageNumber.Size, 10, Access.Write);
        Assert.That(
            () => kernel.Dispose(),
            Throws.TypeOf<AggregateException>().With.Property("InnerException").With.Property("Status")
                .EqualTo(Status.LeasesOutstanding));
        lease.Span[0] = 7;                                          // its memory is there for as long as it is
        lease.Dispose();
        Assert.That(() => container.TakeSnapshot(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => container.Dispose(), Throws.TypeOf<ObjectDisposedException>());
        container.Abandon();
        Assert.That(() => container.View.Read<int>(0), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(kernel.Statistics.MemoryInUse, Is.Zero);
    }

    [Test]
    public void An_opened_version_that_could_not_be_saved_after_all_says_so_and_shows_nothing_else()
    {
        using var simulated = new SimulatedDisk();
        using var mayWrite = new ManualResetEventSlim(true);
        using var disk = new GatedDisk(simulated, mayWrite);
        using Runtime.Stores.Volumes.Volume volume = Runtime.Stores.Volumes.Volume.Open(
            disk, new Runtime.Stores.Volumes.VolumeOptions { Create = true });
        var options = new KernelOptions { OpenVolume = () => volume, Engine = engine };
        var manager = new Runtime.Stores.Managers.SnapshottingManager(volume);
        options.Managers.Add("snapshotting", () => manager);
        using Kernel kernel = Kernel.Boot(options);
        Container container = kernel.OpenContainer("a", 1 << 20);
        container.View.Write(0, 1);
        container.View.Write(PageNumber.Size, 1);
        container.TakeSnapshot().WaitForDurable();
        mayWrite.Reset();
        container.View.Write(2 * PageNumber.Size, 1);
        container.TakeSnapshot();                                   // keeps whoever saves "a" from holding the others
        container.View.Write(0, 2);
        container.View.Write(PageNumber.Size, 2);
        Snapshot snapshot = container.TakeSnapshot();
        Container version = kernel.OpenVersion("a", snapshot.Interval);
        Assert.That(version.View.Read<int>(0), Is.EqualTo(2));
        simulated.Capacity = 0;
        mayWrite.Set();
        Assert.That(() => snapshot.WaitForDurable(), Throws.TypeOf<VolumeException>());
        simulated.Capacity = long.MaxValue;
        Assert.That(
            () => version.View.Read<int>(PageNumber.Size),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoSuchInterval));
        version.Dispose();
        container.TakeSnapshot().WaitForDurable();
        Assert.That(container.View.Read<int>(PageNumber.Size), Is.EqualTo(2));
    }

    /// <summary>Who restores a closed container cannot say how long it may become.</summary>
    [Test]
    public void A_closed_container_goes_back_to_a_version_that_was_much_longer()
    {
        const long Length = 1 << 30;
        using Kernel kernel = Boot();
        StateInterval longer;
        using (Container container = kernel.OpenContainer("a", Length))
        {
            container.View.Write(Length - 8, 7L);
            longer = container.TakeSnapshot().Interval;
            container.Resize(PageNumber.Size);
            container.TakeSnapshot().WaitForDurable();
        }

        kernel.RestoreContainer("a", longer);
        using Container restored = kernel.OpenContainer("a");
        Assert.That(restored.Length, Is.EqualTo(Length));
        Assert.That(restored.View.Read<long>(Length - 8), Is.EqualTo(7));
    }

    [Test]
    public void A_second_kernel_on_the_same_volume_is_refused()
    {
        using Kernel kernel = Boot();

        Assert.That(() => Boot(), Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
    }

    private static void AssertHolds(Container container, Dictionary<long, long> content, string where)
    {
        foreach ((long offset, long value) in content)
        {
            Assert.That(container.View.Read<long>(offset), Is.EqualTo(value), $"{where}, offset {offset}");
        }
    }

    /// <summary>Writes wait until they may go on.</summary>
    private sealed class GatedDisk(IDisk disk, ManualResetEventSlim mayWrite) : IDisk
    {
        public long BlockCount => disk.BlockCount;

        public bool IsReadOnly => disk.IsReadOnly;

        public void ReadBlocks(BlockNumber first, Span<byte> destination) => disk.ReadBlocks(first, destination);

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
        {
            mayWrite.Wait();
            disk.WriteBlocks(first, source);
        }

        public void Allocate(BlockNumber first, long count) => disk.Allocate(first, count);

        public void Flush() => disk.Flush();

        public void Dispose() => disk.Dispose();
    }

    private static void AssertVersions(Kernel kernel, Snapshot[] snapshots, long pages)
    {
        for (int cut = 0; cut < snapshots.Length; cut++)
        {
            using Container version = kernel.OpenVersion("a", snapshots[cut].Interval);
            for (long page = 0; page < pages; page++)
            {
                int last = Enumerable.Range(1, cut + 1).Last(value => page % value == 0);
                int seen = version.View.Read<int>(page * PageNumber.Size);
                Assert.That(seen, Is.EqualTo(last), $"{cut + 1}, page {page}");
            }
        }
    }

    private Kernel Boot(bool snapshotOnDispose = true, long? budget = null) => Kernel.Boot(new KernelOptions
    {
        Volume = _directory["home"],
        Engine = engine,
        SnapshotOnDispose = snapshotOnDispose,
        MemoryBudget = budget,
    });
}
