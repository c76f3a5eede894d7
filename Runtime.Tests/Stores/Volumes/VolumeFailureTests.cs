using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>The disk reports that it failed, at every call of a commit.</summary>
public class VolumeFailureTests
{
    // A commit of one page is: the page, its nodes and records, free space, a flush, the superblock, a flush.
    private const int BlocksCall = 1;
    private const int LastCallOfBlocks = 3;
    private const int CallsPerCommit = 6;

    private SimulatedDisk _disk = null!;
    private Volume _volume = null!;
    private VolumeDriver _driver = null!;

    [SetUp]
    public void CreateVolume()
    {
        _disk = new SimulatedDisk();
        _volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        _driver = new VolumeDriver(_volume);
        _driver.Create("a", 1L << 40);
        _driver.Commit("a", new() { [0] = 1, [1] = 2 });
    }

    [TearDown]
    public void DisposeVolume()
    {
        _volume.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void A_full_disk_fails_that_commit_and_the_next_one_may_succeed()
    {
        _disk.Capacity = _disk.BlockCount;
        var changes = new SortedDictionary<ulong, int>(
            Enumerable.Range(0, 500).ToDictionary(i => (ulong)i, i => i + 1));

        Assert.That(
            () => _driver.Commit("a", changes),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources));
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        Assert.That(_volume.IsReadOnly, Is.False);

        _disk.Capacity = long.MaxValue;
        _driver.Commit("a", changes);
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        Assert.That(_volume.Verify().IsSound);
    }

    [Test]
    public void A_large_commit_that_fills_the_disk_in_the_middle_leaves_every_block_it_took_free()
    {
        var changes = new SortedDictionary<ulong, int>(
            Enumerable.Range(0, 2000).ToDictionary(i => (ulong)i, i => i + 1));
        _disk.Capacity = _disk.BlockCount + 1000;
        Assert.That(() => _driver.Commit("a", changes), Throws.TypeOf<VolumeException>());

        _driver.Commit("a", new() { [5] = 5 });
        Assert.That(_disk.BlockCount, Is.LessThanOrEqualTo(_disk.Capacity));
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
    }

    [Test]
    public void A_failed_write_of_blocks_fails_only_that_commit([Range(BlocksCall, LastCallOfBlocks)] int call)
    {
        _disk.FailAtCall(_disk.Calls + call, Status.NoResources);
        Assert.That(() => _driver.Commit("a", new() { [1] = 3 }), Throws.TypeOf<VolumeException>());

        _driver.Commit("a", new() { [1] = 3 });
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
    }

    [Test]
    public void A_failed_flush_or_superblock_closes_the_volume_for_writing_for_good_and_reads_go_on(
        [Range(LastCallOfBlocks + 1, CallsPerCommit)] int call)
    {
        _disk.FailAtCall(_disk.Calls + call, Status.IoError);
        Assert.That(
            () => _driver.Commit("a", new() { [1] = 3 }),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.IoError));

        Assert.That(_volume.IsReadOnly);
        Assert.That(
            () => _driver.Commit("a", new() { [1] = 3 }),
            Throws.TypeOf<VolumeException>().With.Message.Contains("closed for writing after a failed flush"));
        Assert.That(() => _driver.Create("b", 1), Throws.TypeOf<VolumeException>());
        Assert.That(() => _volume.Delete(_volume.Find("a")!), Throws.TypeOf<VolumeException>());
        _driver = new VolumeDriver(_volume, _driver.Reported);
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        Assert.That(_disk.Calls, Is.LessThanOrEqualTo(30), "nothing may be tried again");
    }

    [Test]
    public void Reads_go_on_beside_a_draft()
    {
        using VersionDraft draft = _volume.OpenDraft(_volume.Find("a")!);
        draft.Write(new PageNumber(0), VolumeModel.Page(9));

        Assert.That(Task.Run(() => _driver.Reported.DifferenceTo(_volume)).Result, Is.Null);
    }

    [Test]
    public void Versions_can_be_read_and_listed_while_other_threads_commit_create_and_delete()
    {
        using var stop = new CancellationTokenSource();
        VolumeModel fixedPart = _driver.Reported.Clone();
        Task reader = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.That(fixedPart.Containers["a"].DifferenceTo(_volume, _volume.Find("a")!), Is.Null);
                Assert.That(_volume.History(_volume.Find("busy") ?? _volume.Find("a")!), Is.Not.Null);
            }
        });

        var random = new Random(1);
        _driver.Create("busy", 1 << 20);
        for (int i = 0; i < 300; i++)
        {
            _driver.Commit("busy", new() { [(ulong)random.Next(256)] = random.Next() });
            if (i % 10 == 0)
            {
                _driver.Create("brief", 1);
                _driver.Delete("brief");
            }
        }

        stop.Cancel();
        reader.Wait();
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
    }
}
