using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Many versions that go of themselves.</summary>
public class RetainTests
{
    private const int Versions = 300;

    private SimulatedDisk _disk = null!;
    private Kernel _kernel = null!;
    private Container _container = null!;

    [SetUp]
    public void MakeVersions()
    {
        _disk = new SimulatedDisk();
        Volume volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        var options = new KernelOptions { OpenVolume = () => volume, SnapshotOnDispose = false };
        options.Managers.Add("snapshotting", () => new SnapshottingManager(volume));
        _kernel = Kernel.Boot(options);
        _container = _kernel.OpenContainer("a", PageNumber.Size);
        for (long value = 1; value <= Versions; value++)
        {
            _container.View.Write(0, value);
            _container.TakeSnapshot().WaitForDurable();
        }
    }

    [TearDown]
    public void Dispose()
    {
        _container.Dispose();
        _kernel.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void They_go_in_few_commits_and_none_that_is_in_use()
    {
        using Container read = _kernel.OpenVersion("a", new StateInterval(77));
        _container.Restore(new StateInterval(150));                 // it begins with that one now
        int flushes = _disk.Flushes;
        var progress = new Progress();
        IReadOnlyList<StateInterval> dropped = _kernel.Retain("a", new Retention(Last: 3), progress);

        ulong[] kept = [77, 150, Versions - 2, Versions - 1, Versions];
        Assert.That(Numbers(_kernel.History("a").Select(version => version.Interval)), Is.EqualTo(kept));
        Assert.That(
            Numbers(dropped),
            Is.EqualTo(Enumerable.Range(1, Versions).Select(number => (ulong)number).Except(kept)));
        Assert.That(progress.Reports, Is.Ordered.And.All.LessThanOrEqualTo(Versions - 3));
        Assert.That(progress.Reports[^1], Is.EqualTo(Versions - 3));
        Assert.That(_disk.Flushes - flushes, Is.LessThan(Versions / 4), "two for each commit");
        Assert.That(read.View.Read<long>(0), Is.EqualTo(77));
        Assert.That(_container.View.Read<long>(0), Is.EqualTo(150));
    }

    [Test]
    public void Cancelled_on_the_way_it_has_dropped_some_of_the_oldest()
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Progress { OnReport = cancellation.Cancel };
        Assert.That(
            async () => await _kernel.RetainAsync("a", new Retention(Last: 3), progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());

        ulong[] kept = [.. Numbers(_kernel.History("a").Select(version => version.Interval))];
        Assert.That(kept, Has.Length.LessThan(Versions).And.Length.GreaterThan(Versions / 2));
        Assert.That(kept[^1], Is.EqualTo(Versions));
        Assert.That(kept, Is.EqualTo(Enumerable.Range(0, kept.Length).Select(i => kept[0] + (ulong)i)), "none between");
    }

    private static IEnumerable<ulong> Numbers(IEnumerable<StateInterval> intervals) =>
        intervals.Select(interval => interval.Value);

    private sealed class Progress : IProgress<long>
    {
        public List<long> Reports { get; } = [];

        public Action? OnReport { get; init; }

        public void Report(long value)
        {
            Reports.Add(value);
            OnReport?.Invoke();
        }
    }
}
