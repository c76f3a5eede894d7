using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Containers on a real volume, written and read through their windows.</summary>
public class SnapshottingManagerTests
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
        ContainerView view = again.OpenContainer("a").View;
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

    private Kernel Boot(bool snapshotOnDispose = true) =>
        Kernel.Boot(new KernelOptions { Volume = _directory["home"], SnapshotOnDispose = snapshotOnDispose });
}
