using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>A volume is copied to another, the first time and again.</summary>
public class VolumeCopyTests
{
    private static readonly VolumeOptions s_create = new() { Create = true };
    private static readonly string[] s_both = ["a", "b"];

    private SimulatedDisk _copyDisk = null!;
    private Volume _volume = null!;
    private Volume _copy = null!;
    private VolumeDriver _driver = null!;

    [SetUp]
    public void CreateVolumes()
    {
        _volume = Volume.Open(new SimulatedDisk(), s_create);
        _copyDisk = new SimulatedDisk();
        _copy = Volume.Open(_copyDisk, s_create);
        _driver = new VolumeDriver(_volume);
    }

    [TearDown]
    public void DisposeVolumes()
    {
        _volume.Dispose();
        _copy.Dispose();
        _copyDisk.Dispose();
    }

    [Test]
    public void Every_container_and_version_is_copied_with_its_place_in_the_history()
    {
        _driver.Create("a", 1L << 40);
        _driver.Create("empty", 100);
        _driver.Commit("a", new(Enumerable.Range(0, 600).ToDictionary(i => (ulong)i * 3, i => i + 1)));
        _driver.Commit("a", new() { [7] = 0, [1 << 20] = 5 });
        _driver.Restore("a", 1);
        _driver.Commit("a", new() { [3] = 9 }, newLength: 4096 * 10);
        _driver.Clone("a", 2, "b");
        _driver.Commit("b", new() { [6] = 11 });
        _driver.Restore("a", 2);

        VolumeCopyReport report = _volume.CopyTo(_copy);
        Assert.That((report.Containers, report.Versions, report.VersionsThere), Is.EqualTo((3, 5, 0)));
        AssertSame(_driver.Reported);
        Assert.That(_copyDisk.Calls, Is.LessThan(100), "one commit");

        // What follows goes on where the volume is: a's head is version 2, with b beside it.
        new VolumeDriver(_copy, _driver.Reported).Commit("a", new() { [1] = 1 });
    }

    [Test]
    public void Again_only_what_is_new_is_copied()
    {
        _driver.Create("a", 1L << 40);
        _driver.Commit("a", new(Enumerable.Range(0, 1000).ToDictionary(i => (ulong)i, i => i + 1)));
        Assert.That(_volume.CopyTo(_copy).Pages, Is.EqualTo(1000));
        int calls = _copyDisk.Calls;
        Assert.That(_volume.CopyTo(_copy).Pages, Is.Zero);
        Assert.That(_copyDisk.Calls, Is.EqualTo(calls), "nothing is new, so nothing is written");

        _driver.Commit("a", new() { [17] = 1, [1 << 20] = 2 });
        _driver.Clone("a", null, "b");
        VolumeCopyReport report = _volume.CopyTo(_copy);
        Assert.That((report.Versions, report.VersionsThere, report.Pages), Is.EqualTo((2, 1, 2)));
        AssertSame(_driver.Reported);
    }

    [Test]
    public void What_the_volume_has_dropped_stays_unless_it_is_pruned()
    {
        _driver.Create("a", 1 << 20);
        _driver.Create("b", 1 << 20);
        _driver.Commit("a", new() { [0] = 1 });
        _driver.Commit("a", new() { [1] = 2 });
        _driver.Commit("b", new() { [1] = 2 });
        _volume.CopyTo(_copy);
        VolumeModel all = _driver.Reported;
        _driver.Discard("a", 1);
        _driver.Delete("b");
        _volume.CopyTo(_copy);
        AssertSame(all);

        Assert.That(_volume.CopyTo(_copy, prunes: true).VersionsDropped, Is.EqualTo(2));
        AssertSame(_driver.Reported);
        Assert.That(_copy.Statistics.InUse, Is.EqualTo(_volume.Statistics.InUse).Within(4));
    }

    [Test]
    public void Names_may_have_changed_owners_meanwhile()
    {
        _driver.Create("a", 4096);
        _driver.Create("b", 4096);
        _driver.Commit("a", new() { [0] = 1 });
        _driver.Commit("b", new() { [0] = 2 });
        _volume.CopyTo(_copy);
        ContainerRecord a = _volume.Find("a")!;
        _volume.Rename(_volume.Find("b")!, "c", replaces: false);
        _volume.Rename(a, "b", replaces: false);
        _volume.Rename(_volume.Find("c")!, "a", replaces: false);
        _volume.CopyTo(_copy);
        Assert.That(_copy.Containers, Is.EqualTo(_volume.Containers));

        _volume.Delete(a);
        _volume.Create("b", 4096, "m");
        _volume.CopyTo(_copy);
        Assert.That(_copy.Containers.Select(c => c.Name), Is.EqualTo(["a", "b", $"b ({a.Id})"]));
        Assert.That(_copy.History(_copy.Find($"b ({a.Id})")!), Has.Count.EqualTo(1));
        Assert.That(_copy.Verify().Damages, Is.Empty);
    }

    [Test]
    public void Another_volume_is_refused_and_left_alone()
    {
        _driver.Create("a", 4096);
        _driver.Commit("a", new() { [0] = 1 });
        VolumeModel other = FillOther();
        Assert.That(
            () => _volume.CopyTo(_copy),
            Throws.TypeOf<KernelException>()
                .With.Message.Contains("the volume is no copy of the other one: interval 1 of 'other'")
                .And.Property("Status").EqualTo(Status.AlreadySet));
        Assert.That(other.DifferenceTo(_copy), Is.Null);
        Assert.That(() => _volume.CopyTo(_volume), Throws.ArgumentException);
    }

    [Test]
    public void Cancelled_or_full_or_damaged_it_leaves_the_copy_as_it_was()
    {
        _driver.Create("a", 1 << 30);
        _driver.Commit("a", new() { [0] = 1 });
        _volume.CopyTo(_copy);
        VolumeModel before = _driver.Reported;
        long inUse = _copy.Statistics.InUse;
        _driver.Commit("a", new(Enumerable.Range(0, 2000).ToDictionary(i => (ulong)i, i => i + 2)));

        using var stop = new CancellationTokenSource();
        var progress = new CancellingProgress(stop);
        Assert.That(
            () => _volume.CopyTo(_copy, progress: progress, cancellationToken: stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(progress.Last.Blocks, Is.GreaterThan(0).And.LessThan(progress.Last.Total));
        AssertSame(before);

        _copyDisk.Capacity = _copyDisk.BlockCount + 100;
        Assert.That(
            () => _volume.CopyTo(_copy),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources));
        AssertSame(before);
        Assert.That(_copy.Statistics.InUse, Is.EqualTo(inUse));
        _copyDisk.Capacity = long.MaxValue;
        _volume.CopyTo(_copy);
        AssertSame(_driver.Reported);
    }

    [Test]
    public void It_is_the_volume_of_one_moment_while_work_goes_on()
    {
        _driver.Create("a", 1 << 20);
        _driver.Create("b", 1 << 20);
        using var stop = new CancellationTokenSource();
        Task work = Task.Run(() =>
        {
            for (int i = 1; !stop.IsCancellationRequested; i++)
            {
                // The two change together, so they must be copied together.
                CommitBoth(i);
            }
        });
        try
        {
            for (int round = 0; round < 20; round++)
            {
                _volume.CopyTo(_copy);
                IReadOnlyList<SnapshotInfo> a = _copy.History(_copy.Find("a")!);
                IReadOnlyList<SnapshotInfo> b = _copy.History(_copy.Find("b")!);
                Assert.That(a.Select(v => v.Interval), Is.EqualTo(b.Select(v => v.Interval)));
            }
        }
        finally
        {
            stop.Cancel();
            work.Wait();
        }

        _volume.CopyTo(_copy, prunes: true);
        Assert.That(_copy.Verify().Damages, Is.Empty);
    }

    [Test]
    public void After_any_changes_the_copy_holds_what_the_volume_holds([Range(1, 10)] int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 8; round++)
        {
            for (int step = 0; step < 12; step++)
            {
                _driver.Step(random);
            }

            _volume.CopyTo(_copy, prunes: true);
            AssertSame(_driver.Reported);
        }

        // And back: what a copy holds makes a volume.
        using var disk = new SimulatedDisk();
        using Volume restored = Volume.Open(disk, s_create);
        _copy.CopyTo(restored);
        Assert.That(_driver.Reported.DifferenceTo(restored), Is.Null);
        Assert.That(restored.Verify().Damages, Is.Empty);
    }

    private void CommitBoth(int content)
    {
        VersionDraft[] drafts = [.. s_both.Select(name => _volume.OpenDraft(_volume.Find(name)!))];
        foreach (VersionDraft draft in drafts)
        {
            draft.Write(new PageNumber(0), VolumeModel.Page(content));
        }

        foreach (VersionMap map in _volume.Commit(drafts, DateTimeOffset.UnixEpoch))
        {
            map.Dispose();
        }
    }

    private VolumeModel FillOther()
    {
        var driver = new VolumeDriver(_copy);
        driver.Create("other", 8192);
        driver.Commit("other", new() { [1] = 1 });
        return driver.Reported;
    }

    private void AssertSame(VolumeModel expected)
    {
        Assert.That(expected.DifferenceTo(_copy), Is.Null);
        Assert.That(_copy.Verify().Damages, Is.Empty);
        foreach (ContainerRecord container in _volume.Containers)
        {
            ContainerRecord copied = _copy.Find(container.Name)!;
            Assert.That(copied with { Newest = container.Newest }, Is.EqualTo(container));
            Assert.That(copied.Newest, Is.LessThanOrEqualTo(container.Newest));
        }
    }

    private sealed class CancellingProgress(CancellationTokenSource stop) : IProgress<VolumeProgress>
    {
        public VolumeProgress Last { get; private set; }

        public void Report(VolumeProgress value)
        {
            Last = value;
            stop.Cancel();
        }
    }
}
