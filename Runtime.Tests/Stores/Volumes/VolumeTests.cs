using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

public class VolumeTests
{
    private const long TiB = 1L << 40;

    private static readonly VolumeOptions s_create = new() { Create = true };

    [Test]
    public void A_disk_without_a_volume_is_refused_unless_one_is_to_be_created()
    {
        Assert.That(
            () => Volume.Open(new SimulatedDisk()),
            Throws.TypeOf<VolumeException>().With.Message.Contains("not a volume"));

        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        Assert.That(volume.Containers, Is.Empty);
        Assert.That(volume.IsReadOnly, Is.False);
    }

    [Test]
    public void It_holds_what_a_dictionary_holds_through_changes_and_reopening([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        var disk = new SimulatedDisk();
        Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        for (int step = 0; step < 120; step++)
        {
            driver.Step(random);
            Assert.That(volume.Verify().Damages, Is.Empty, $"step {step}");
            if (random.Next(10) == 0)
            {
                Assert.That(driver.Reported.DifferenceTo(volume), Is.Null, $"step {step}");
                volume.Dispose();
                disk = disk.Reopen();
                volume = Volume.Open(disk);
                driver = new VolumeDriver(volume, driver.Reported);
            }
        }

        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
        volume.Dispose();
    }

    [Test]
    public void A_container_without_versions_reads_as_zeroes()
    {
        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        using VersionMap map = volume.OpenMap(volume.Create("a", TiB, "m"));
        byte[] page = VolumeModel.Page(1);

        Assert.That(map.ReadPage(new PageNumber(5), page), Is.False);
        Assert.That(page, Is.All.Zero);
        Assert.That(map.Interval.Value, Is.Zero);
        Assert.That(map.Length, Is.EqualTo(TiB));
    }

    [TestCase(1)]
    [TestCase(255)]
    [TestCase(256)]
    [TestCase(257)]
    [TestCase(511)]
    [TestCase(512)]
    [TestCase(513)]
    [TestCase(65_535)]
    [TestCase(65_536)]
    [TestCase(65_537)]
    public void A_container_filled_page_by_page_across_a_step_of_the_tree_reads_back(int pages)
    {
        var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, s_create);
        ContainerRecord record = volume.Create("a", pages * (long)PageNumber.Size, "m");
        var page = new byte[PageNumber.Size];
        using (VersionDraft draft = volume.OpenDraft(record))
        {
            for (int i = 0; i < pages; i++)
            {
                BitConverter.TryWriteBytes(page, i + 1);
                draft.Write(new PageNumber((ulong)i), page);
            }

            volume.Commit(draft, DateTimeOffset.UnixEpoch).Dispose();
        }

        using VersionMap map = volume.OpenMap(record);
        for (int i = 0; i < pages; i++)
        {
            map.ReadPage(new PageNumber((ulong)i), page);
            if (BitConverter.ToInt32(page) != i + 1)
            {
                Assert.Fail($"page {i} holds {BitConverter.ToInt32(page)}");
            }
        }
    }

    [TestCase(0ul)]
    [TestCase(255ul)]
    [TestCase(256ul)]
    [TestCase(65_535ul)]
    [TestCase(65_536ul)]
    [TestCase((1ul << 24) - 1)]
    [TestCase(1ul << 24)]
    [TestCase((1ul << 28) - 1)]
    public void One_page_anywhere_in_a_tebibyte_costs_at_most_a_node_per_level(ulong page)
    {
        var disk = new RecordingDisk(new SimulatedDisk());
        using Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Commit("a", new() { [0] = 7 });
        disk.Writes.Clear();
        driver.Commit("a", new() { [page] = 8 });

        // The page, up to four nodes of it and three that lift the old tree; dead list, version block, container's
        // block, catalogue; free space; the superblock's copies.
        Assert.That(disk.Writes, Has.Count.LessThanOrEqualTo(1 + 4 + 3 + 4 + 1 + 2));
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
    }

    [Test]
    public void Versions_share_what_did_not_change()
    {
        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Commit("a", new(Enumerable.Range(0, 1000).ToDictionary(i => (ulong)i, i => i + 1)));
        long before = volume.Statistics.InUse;
        for (int i = 0; i < 10; i++)
        {
            driver.Commit("a", new() { [500] = i + 5000 });
        }

        // The page, the nodes that lead to it, and the list of those that they replace.
        Assert.That((volume.Statistics.InUse - before) / 10, Is.LessThanOrEqualTo(4));
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
    }

    [Test]
    public void More_versions_than_a_block_holds_are_listed_and_found([Values(64, 65, 200)] int versions)
    {
        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1 << 20);
        for (int i = 0; i < versions; i++)
        {
            driver.Commit("a", new() { [(ulong)i] = i + 1 });
        }

        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        Assert.That(
            () => volume.OpenMap(volume.Find("a")!, new StateInterval(1000)),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoSuchInterval));
    }

    [Test]
    public void Its_history_tells_interval_time_length_and_pages_changed()
    {
        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        ContainerRecord record = volume.Create("a", 8192, "m");
        var time = new DateTimeOffset(2026, 5, 4, 3, 2, 1, TimeSpan.FromHours(2));
        using (VersionDraft draft = volume.OpenDraft(record, new StateInterval(9)))
        {
            draft.Length = 8193;
            draft.Write(new PageNumber(0), new byte[4096]);
            draft.Write(new PageNumber(2), VolumeModel.Page(1));
            volume.Commit(draft, time).Dispose();
        }

        Assert.That(
            volume.History(record),
            Is.EqualTo(new[] { new SnapshotInfo(new StateInterval(9), time, 8193, 2) }));
        Assert.That(volume.HighestInterval(record).Value, Is.EqualTo(9));
        Assert.That(volume.Find("a")!.Length, Is.EqualTo(8193));
    }

    [Test]
    public void A_draft_that_is_not_committed_never_was()
    {
        var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Commit("a", new() { [1] = 1 });
        using (VersionDraft draft = volume.OpenDraft(volume.Find("a")!))
        {
            draft.Write(new PageNumber(1), VolumeModel.Page(2));
        }

        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        driver.Commit("a", new() { [1] = 3 });
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
    }

    [Test]
    public void Deleting_a_container_makes_room_for_another_of_the_same_size_for_ever()
    {
        var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        long grown = 0;
        for (int round = 0; round < 20; round++)
        {
            driver.Create("a", TiB);
            driver.Commit("a", new(Enumerable.Range(0, 300).ToDictionary(i => (ulong)i, i => i + round + 1)));
            driver.Delete("a");
            grown = round < 3 ? disk.BlockCount : grown;
        }

        Assert.That(disk.BlockCount, Is.EqualTo(grown));
    }

    [Test]
    public void Ids_are_never_used_again_even_after_reopening()
    {
        var disk = new SimulatedDisk();
        ulong first;
        using (Volume volume = Volume.Open(disk, s_create))
        {
            ContainerRecord record = volume.Create("a", 1, "m");
            first = record.Id;
            volume.Delete(record);
        }

        using Volume again = Volume.Open(disk.Reopen());
        Assert.That(again.Create("a", 1, "m").Id, Is.GreaterThan(first));
    }

    [Test]
    public void A_name_is_unique()
    {
        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        volume.Create("a", 1, "m");

        Assert.That(
            () => volume.Create("a", 1, "m"),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.AlreadySet));
    }

    [Test]
    public void A_thousand_containers_are_found_again()
    {
        var disk = new SimulatedDisk();
        using (Volume volume = Volume.Open(disk, s_create))
        {
            for (int i = 0; i < 1000; i++)
            {
                volume.Create($"c{i}", i, "m");
            }
        }

        using Volume again = Volume.Open(disk.Reopen());
        Assert.That(again.Containers, Has.Count.EqualTo(1000));
        Assert.That(again.Find("c777")!.Length, Is.EqualTo(777));
    }

    [Test]
    public void Opened_for_reading_it_writes_nothing_and_refuses_to()
    {
        var disk = new SimulatedDisk();
        Volume.Open(disk, s_create).Dispose();
        SimulatedDisk again = disk.Reopen();
        using Volume volume = Volume.Open(again, new VolumeOptions { ReadOnly = true });

        Assert.That(volume.IsReadOnly);
        Assert.That(
            () => volume.Create("a", 1, "m"),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.PermissionDenied));
        Assert.That(again.Calls, Is.Zero);
    }

    [Test]
    public void A_disposed_volume_throws_ObjectDisposedException()
    {
        Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        ContainerRecord record = volume.Create("a", 1, "m");
        VersionMap map = volume.OpenMap(record);
        volume.Dispose();
        volume.Dispose();

        Assert.That(() => volume.Containers, Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => volume.Create("b", 1, "m"), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => map.ReadPage(default, new byte[4096]), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Reading_a_page_again_allocates_nothing()
    {
        using Volume volume = Volume.Open(new SimulatedDisk(), s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Commit("a", new() { [1ul << 27] = 1 });
        using VersionMap map = volume.OpenMap(volume.Find("a")!);
        var page = new byte[PageNumber.Size];

        // The first round reads nodes and lets the runtime do what it does once.
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                map.ReadPage(new PageNumber(1ul << 27), page);
                map.ReadPage(new PageNumber(3), page);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }
}
