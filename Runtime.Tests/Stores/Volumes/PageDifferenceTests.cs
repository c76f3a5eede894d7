using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Which pages versions have, and in which they differ, told without reading one.</summary>
public class PageDifferenceTests
{
    private const long PageSize = PageNumber.Size;

    private SimulatedDisk _disk = null!;
    private Volume _volume = null!;
    private VolumeDriver _driver = null!;

    [SetUp]
    public void CreateVolume()
    {
        _disk = new SimulatedDisk();
        _volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        _driver = new VolumeDriver(_volume);
    }

    [TearDown]
    public void DisposeVolume()
    {
        _volume.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void A_container_without_versions_has_no_pages()
    {
        _driver.Create("a", 1 << 20);
        Assert.That(Stored("a", null), Is.Empty);
        _driver.Commit("a", new() { [7] = 1 });
        Assert.That(Stored("a", null), Is.EqualTo([7]));
    }

    [Test]
    public void What_was_written_with_the_same_bytes_differs_and_what_was_not_written_does_not()
    {
        _driver.Create("a", 1 << 20);
        _driver.Commit("a", new() { [0] = 1, [1] = 1, [2] = 1 });
        _driver.Commit("a", new() { [1] = 1 });
        Assert.That(Differing("a", 1, "a", 2), Is.EqualTo([1]));
        Assert.That(Differing("a", 2, "a", 2), Is.Empty);
    }

    [Test]
    public void A_clone_differs_by_what_either_has_written_since()
    {
        _driver.Create("a", 1 << 20);
        _driver.Commit("a", new() { [0] = 1, [1] = 1, [2] = 1 });
        _driver.Clone("a", 1, "b");
        Assert.That(Differing("a", 1, "b", 1), Is.Empty);
        _driver.Commit("a", new() { [0] = 2 });
        _driver.Commit("b", new() { [200] = 3 });
        Assert.That(Differing("a", 2, "b", 2), Is.EqualTo([0, 200]));
    }

    [Test]
    public void Versions_of_another_volume_are_refused()
    {
        _driver.Create("a", PageSize);
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        new VolumeDriver(volume).Create("a", PageSize);
        using VersionMap here = _volume.OpenMap(_volume.Find("a")!);
        using VersionMap there = volume.OpenMap(volume.Find("a")!);
        Assert.That(() => here.DifferingPages(there), Throws.ArgumentException);
    }

    [Test]
    public void A_closed_version_tells_nothing()
    {
        _driver.Create("a", PageSize);
        using VersionMap open = _volume.OpenMap(_volume.Find("a")!);
        VersionMap closed = _volume.OpenMap(_volume.Find("a")!);
        closed.Dispose();
        Assert.That(() => closed.StoredPages(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => open.DifferingPages(closed), Throws.TypeOf<ObjectDisposedException>());
    }

    /// <summary>The model knows for each page of each version which version wrote it.</summary>
    [Test]
    public void Every_two_versions_differ_in_the_pages_whose_writers_differ([Range(1, 8)] int seed)
    {
        const int Versions = 10;
        var random = new Random(seed);
        var writers = new List<SortedDictionary<ulong, int>> { new() };
        var lengths = new List<long>();
        _driver.Create("a", 1L << 40);
        for (int version = 1; version <= Versions; version++)
        {
            long length = 1L << random.Next(12, 41);
            ulong end = (ulong)(length / PageSize);
            var changes = new SortedDictionary<ulong, int>();
            for (int i = 0; i < 40; i++)
            {
                // Some close by, some far away, so that trees of every height are met.
                changes[(ulong)random.NextInt64(Math.Min(1L << random.Next(29), (long)end))] = version;
            }

            var now = new SortedDictionary<ulong, int>();
            foreach ((ulong page, int writer) in writers[^1].Where(page => page.Key < end).Concat(changes))
            {
                now[page] = writer;
            }

            _driver.Commit("a", changes, length);
            writers.Add(now);
            lengths.Add(length);
        }

        for (int left = 1; left <= Versions; left++)
        {
            Assert.That(Stored("a", (ulong)left), Is.EqualTo(writers[left].Keys), $"seed {seed}, {left}");
            for (int right = 1; right <= Versions; right++)
            {
                IEnumerable<ulong> expected = writers[left].Keys.Union(writers[right].Keys)
                    .Where(page => writers[left].GetValueOrDefault(page) != writers[right].GetValueOrDefault(page))
                    .Order();
                Assert.That(
                    Differing("a", (ulong)left, "a", (ulong)right),
                    Is.EqualTo(expected),
                    $"seed {seed}, {left} and {right}, lengths {lengths[left - 1]:x} and {lengths[right - 1]:x}");
            }
        }
    }

    private ulong[] Stored(string name, ulong? interval)
    {
        using VersionMap map = Open(name, interval);
        return [.. map.StoredPages().Select(page => page.Value)];
    }

    private ulong[] Differing(string leftName, ulong left, string rightName, ulong right)
    {
        using VersionMap leftMap = Open(leftName, left);
        using VersionMap rightMap = Open(rightName, right);
        return [.. leftMap.DifferingPages(rightMap).Select(page => page.Value)];
    }

    private VersionMap Open(string name, ulong? interval) => _volume.OpenMap(
        _volume.Find(name)!, interval is { } value ? new StateInterval(value) : null);
}
