using NUnit.Framework;
using NUnit.Framework.Constraints;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>How much is written and read, and what happens when there is no more room.</summary>
public class VolumeSpaceTests
{
    private const long TiB = 1L << 40;

    private static readonly VolumeOptions s_create = new() { Create = true };

    [Test]
    public void Ten_scattered_pages_of_a_tebibyte_write_a_few_dozen_blocks()
    {
        var disk = new RecordingDisk(new SimulatedDisk());
        using Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Commit("a", Scattered(1));
        disk.Writes.Clear();
        driver.Commit("a", Scattered(2));

        // Of each page itself and its own nodes of two levels; the rest is shared.
        Assert.That(disk.Writes, Has.Count.LessThanOrEqualTo(50));
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
    }

    [Test]
    public void A_commit_neither_reads_nor_writes_more_when_the_volume_and_its_history_grow()
    {
        var disk = new RecordingDisk(new SimulatedDisk());
        using Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Create("big", TiB);
        (int Reads, int Writes) small = CostOfCommit(disk, driver, 1);
        for (int i = 0; i < 300; i++)
        {
            driver.Commit("a", new() { [(ulong)i % 7] = i + 2 });
        }

        driver.Commit("big", new(Enumerable.Range(0, 40_000).ToDictionary(i => (ulong)i, i => i + 1)));
        (int Reads, int Writes) large = CostOfCommit(disk, driver, 1000);

        // A level more in the tree of versions and in that of free space.
        Assert.That(large.Writes, Is.LessThanOrEqualTo(small.Writes + 3));
        Assert.That(large.Reads, Is.LessThanOrEqualTo(small.Reads + 3));
    }

    [Test]
    public void Opening_reads_superblocks_only_and_the_first_commit_only_what_it_needs()
    {
        var disk = new SimulatedDisk();
        using (Volume volume = Volume.Open(disk, s_create))
        {
            var driver = new VolumeDriver(volume);
            driver.Create("a", TiB);
            driver.Commit("a", new(Enumerable.Range(0, 50_000).ToDictionary(i => (ulong)i, i => i + 1)));
        }

        var recorder = new RecordingDisk(disk.Reopen());
        using Volume again = Volume.Open(recorder);
        Assert.That(recorder.Reads.Max(), Is.LessThan(4));
        new VolumeDriver(again, new VolumeModel()).Create("b", 1);
        Assert.That(recorder.Reads, Has.Count.LessThanOrEqualTo(16));
    }

    [Test]
    public void A_full_disk_fails_ordinary_commits_and_discard_restore_and_delete_go_on()
    {
        var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        driver.Create("b", TiB);
        driver.Commit("b", new() { [1] = 1 });
        disk.Capacity = 2000;
        FillUp(driver);
        Assert.That(() => driver.Create("c", 1), Full());
        Assert.That(() => driver.Clone("a", null, "c"), Full());
        long reserve = volume.Statistics.Reserve;
        Assert.That(volume.Statistics.Free, Is.GreaterThanOrEqualTo(reserve - 8).And.LessThan(reserve + 8));
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);

        ulong[] kept = [.. driver.Reported.Containers["a"].Versions.Select(version => version.Interval)];
        driver.Restore("a", kept[0]);
        driver.Discard("a", kept[^1]);
        driver.Discard("a", kept[1]);
        driver.Delete("b");
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        driver.Discard("a", kept[2..^1]);
        driver.Create("c", TiB);
        driver.Commit("c", Scattered(3));
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
        Assert.That(disk.BlockCount, Is.LessThanOrEqualTo(disk.Capacity));
    }

    [Test]
    public void What_a_discard_frees_on_a_full_disk_is_there_for_the_very_next_commit([Values] bool reopens)
    {
        var disk = new SimulatedDisk { Capacity = 4000 };
        Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        Assert.That(() => Overwrite(versions: 100), Full());
        for (int round = 0; round < 5; round++)
        {
            if (reopens)
            {
                volume.Dispose();
                disk = disk.Reopen();
                disk.Capacity = 4000;
                volume = Volume.Open(disk);
                driver = new VolumeDriver(volume, driver.Reported);
            }

            driver.Discard("a", driver.Reported.Containers["a"].Versions[0].Interval);
            Assert.That(() => Overwrite(versions: 1), Throws.Nothing, $"round {round}");
        }

        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
        volume.Dispose();

        void Overwrite(int versions)
        {
            for (int i = 1; i <= versions; i++)
            {
                driver.Commit("a", new(Enumerable.Range(0, 500).ToDictionary(page => (ulong)page, page => page + i)));
            }
        }
    }

    [Test]
    public void One_version_after_the_other_can_be_discarded_on_a_full_disk_even_in_another_process()
    {
        var disk = new SimulatedDisk { Capacity = 3000 };
        Volume volume = Volume.Open(disk, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", TiB);
        FillUp(driver);
        ulong[] kept = [.. driver.Reported.Containers["a"].Versions.Select(version => version.Interval)];
        foreach (ulong interval in kept[..^1])
        {
            driver.Discard("a", interval);
            volume.Dispose();
            disk = disk.Reopen();
            disk.Capacity = 3000;
            volume = Volume.Open(disk);
            driver = new VolumeDriver(volume, driver.Reported);
        }

        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
        volume.Dispose();
    }

    [Test, Deadline(120)]
    public void Wherever_the_disk_is_full_older_versions_stay_and_room_can_be_made()
    {
        for (long capacity = 84; capacity < 420; capacity += 3)
        {
            var disk = new SimulatedDisk { Capacity = capacity };
            using Volume volume = Volume.Open(disk, s_create);
            var driver = new VolumeDriver(volume);
            try
            {
                driver.Create("a", TiB);
                for (int i = 0; i < 12; i++)
                {
                    driver.Commit("a", Scattered(i));
                }
            }
            catch (VolumeException e) when (e.Status == Status.NoResources)
            {
            }

            Assert.That(driver.Reported.DifferenceTo(volume), Is.Null, $"capacity {capacity}");
            Assert.That(volume.Verify().Damages, Is.Empty, $"capacity {capacity}");
            if (driver.Reported.Containers.TryGetValue("a", out VolumeModel.ContainerModel? container)
                && container.Versions.Count > 1)
            {
                driver.Discard("a", [.. container.Versions[..^1].Select(version => version.Interval)]);
            }

            foreach (string name in driver.Reported.Containers.Keys.ToList())
            {
                driver.Delete(name);
            }

            Assert.That(volume.Verify().Damages, Is.Empty, $"capacity {capacity}");
            Assert.That(volume.Statistics.InUse, Is.Zero, $"capacity {capacity}");
        }
    }

    [Test]
    public void A_region_of_blocks_after_the_other_is_filled_and_verified()
    {
        // More than one region of 32,768 blocks, so that free space is a tree.
        var disk = new SimulatedDisk();
        using (Volume volume = Volume.Open(disk, s_create))
        {
            ContainerRecord record = volume.Create("a", TiB, "m");
            using VersionDraft draft = volume.OpenDraft(record);
            var run = new byte[256 * PageNumber.Size];
            run.AsSpan().Fill(7);
            for (int i = 0; i < 140; i++)
            {
                draft.Write(new PageNumber((ulong)i * 256), run);
            }

            volume.Commit(draft, default).Dispose();
            Assert.That(volume.Statistics.Blocks, Is.GreaterThan(Format.Space.BlocksPerLeaf));
            Assert.That(volume.Verify().Damages, Is.Empty);
        }

        using Volume again = Volume.Open(disk.Reopen());
        again.Delete(again.Find("a")!);
        Assert.That(again.Statistics.InUse, Is.Zero);
        Assert.That(again.Verify().Damages, Is.Empty);
    }

    private static (int Reads, int Writes) CostOfCommit(RecordingDisk disk, VolumeDriver driver, int content)
    {
        driver.Commit("a", new() { [0] = content });
        disk.Reads.Clear();
        disk.Writes.Clear();
        driver.Commit("a", new() { [0] = content + 1 });
        return (disk.Reads.Count, disk.Writes.Count);
    }

    private static void FillUp(VolumeDriver driver)
    {
        int content = 1;
        foreach (int pages in new[] { 100, 10, 1 })
        {
            try
            {
                while (true)
                {
                    content += 100;
                    driver.Commit(
                        "a", new(Enumerable.Range(0, pages).ToDictionary(i => (ulong)i * 3, i => content + i)));
                }
            }
            catch (VolumeException e) when (e.Status == Status.NoResources)
            {
            }
        }

        // What is too little for a commit may be enough for an empty container.
        Assert.That(
            () =>
            {
                while (true)
                {
                    driver.Create($"filler {++content}", 1);
                }
            },
            Full());
    }

    private static EqualConstraint<Status> Full() =>
        Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources);

    private static SortedDictionary<ulong, int> Scattered(int content) =>
        new(Enumerable.Range(0, 10).ToDictionary(i => (ulong)i * 25_000_003, i => content + 100 + i));
}
