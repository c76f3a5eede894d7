using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>
/// Readers beside the writer of a simulated disk: what each reads stays what it was, and what nobody reads any more is
/// used again.
/// </summary>
public class ReaderReuseTests
{
    private const int Steps = 400;
    private const int MostReaders = 6;

    private readonly SimulatedReaders _places = new();
    private SimulatedDisk _disk = null!;
    private Volume _volume = null!;

    [SetUp]
    public void CreateVolume()
    {
        _disk = new SimulatedDisk();
        _volume = OpenToWrite();
    }

    [TearDown]
    public void DisposeVolume()
    {
        _volume.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void Readers_keep_what_they_began_with_through_random_changes_and_restarts([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        var driver = new VolumeDriver(_volume);
        var readers = new List<(Reader Reader, VolumeModel Expected)>();
        try
        {
            for (int step = 0; step < Steps; step++)
            {
                if (readers.Count < MostReaders && random.Next(8) == 0)
                {
                    readers.Add((new Reader(_disk, _places), driver.Reported));
                }

                if (readers.Count > 0 && random.Next(10) == 0)
                {
                    int index = random.Next(readers.Count);
                    (Reader reader, VolumeModel expected) = readers[index];
                    Assert.That(expected.DifferenceTo(reader.Volume), Is.Null, $"step {step}, reader {index}");
                    Assert.That(reader.Volume.Verify().Damages, Is.Empty, $"step {step}, reader {index}");
                    reader.Dispose();
                    readers.RemoveAt(index);
                }

                if (random.Next(25) == 0)
                {
                    _volume.Dispose();
                    _volume = OpenToWrite();
                    driver = new VolumeDriver(_volume, driver.Reported);
                }

                driver.Step(random);
            }

            for (int index = 0; index < readers.Count; index++)
            {
                Assert.That(
                    readers[index].Expected.DifferenceTo(readers[index].Reader.Volume), Is.Null, $"reader {index}");
            }
        }
        finally
        {
            readers.ForEach(reader => reader.Reader.Dispose());
        }

        AssertAllIsFree(driver);
        Assert.That(driver.Reported.DifferenceTo(_volume), Is.Null);
    }

    [Test]
    public void A_volume_under_one_reader_grows_and_without_it_does_not()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        using (var reader = new Reader(_disk, _places))
        {
            Overwrite(driver, 100);
            Assert.That(_volume.Statistics.Blocks, Is.GreaterThan(200), "each commit takes a page and its records");
        }

        Overwrite(driver, 2);
        long blocks = _volume.Statistics.Blocks;
        Overwrite(driver, 500);
        Assert.That(_volume.Statistics.Blocks, Is.EqualTo(blocks));
    }

    [Test]
    public void A_chain_of_readers_each_outliving_the_next_opening_does_not_make_a_volume_grow_for_ever()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        Reader reader = new(_disk, _places);
        long blocks = 0;
        for (int round = 0; round < 60; round++)
        {
            Overwrite(driver, 5);
            var next = new Reader(_disk, _places);
            Overwrite(driver, 5);
            reader.Dispose();
            reader = next;
            blocks = round == 20 ? _volume.Statistics.Blocks : blocks;
        }

        reader.Dispose();
        Assert.That(_volume.Statistics.Blocks, Is.EqualTo(blocks));
    }

    [Test]
    public void A_writer_that_starts_beside_an_older_reader_uses_what_was_free_only_when_the_reader_is_gone()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        Overwrite(driver, 3);
        VolumeModel expected = driver.Reported;
        var reader = new Reader(_disk, _places);
        Overwrite(driver, 50);
        _volume.Dispose();

        var recorder = new RecordingDisk(_disk);
        using IReaders places = _places.Open();
        _volume = Volume.Open(recorder, new VolumeOptions(), home: null, places);
        driver = new VolumeDriver(_volume, driver.Reported);
        long end = _volume.Statistics.Blocks;
        Assert.That(_volume.Statistics.Free, Is.Zero, "all that is free is held");
        Overwrite(driver, 50);
        Assert.That(recorder.Writes.Where(block => block >= 19 && block < end), Is.Empty);
        Assert.That(expected.DifferenceTo(reader.Volume), Is.Null);
        reader.Dispose();

        Overwrite(driver, 2);
        AssertAllIsFree(driver);
        long grown = _volume.Statistics.Blocks;
        Overwrite(driver, 200);
        Assert.That(_volume.Statistics.Blocks, Is.EqualTo(grown));
    }

    [Test]
    public void A_writer_that_starts_beside_a_reader_of_the_newest_commit_holds_nothing()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        Overwrite(driver, 10);
        using var reader = new Reader(_disk, _places);
        VolumeModel expected = driver.Reported;
        _volume.Dispose();
        _volume = OpenToWrite();
        driver = new VolumeDriver(_volume, driver.Reported);

        Assert.That(_volume.Statistics.Free, Is.GreaterThan(0));
        Overwrite(driver, 100);
        Assert.That(expected.DifferenceTo(reader.Volume), Is.Null);
    }

    [Test]
    public void Whoever_finds_the_volume_full_is_told_what_readers_keep()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        using var reader = new Reader(_disk, _places);
        Overwrite(driver, 40);
        _disk.Capacity = _disk.BlockCount;

        Assert.That(
            () => Overwrite(driver, 1000),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources)
                .And.Message.Contains("readers of older commits"));
    }

    [Test]
    public void A_reader_verifies_what_is_newest_while_it_goes_on_reading_what_it_began_with()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        using var reader = new Reader(_disk, _places);
        VolumeModel expected = driver.Reported;
        Overwrite(driver, 20);
        driver.Create("b", 1 << 30);
        driver.Commit("b", new(Enumerable.Range(0, 500).ToDictionary(i => (ulong)i * 3, i => i + 1)));

        VolumeReport report = reader.Volume.Verify();
        Assert.That(report.Damages, Is.Empty);
        Assert.That(report.Pages, Is.GreaterThan(500));
        Assert.That(expected.DifferenceTo(reader.Volume), Is.Null);
    }

    [Test]
    public void A_reader_names_the_damage_that_there_is()
    {
        var driver = new VolumeDriver(_volume);
        driver.Create("a", 1 << 20);
        Overwrite(driver, 3);
        using var reader = new Reader(_disk, _places);
        _disk.Flip(0, offset: 2000);
        _disk.Flip(2, offset: 2000);

        IEnumerable<long> damaged = reader.Volume.Verify().Damages.Select(damage => damage.Block.Value);
        Assert.That(damaged.Single(), Is.EqualTo(0).Or.EqualTo(2), "the newest superblock's first copy");
    }

    private Volume OpenToWrite() =>
        Volume.Open(_disk, new VolumeOptions { Create = true }, home: null, _places.Open());

    /// <summary>Commits that each leave one version and no other.</summary>
    private static void Overwrite(VolumeDriver driver, int commits)
    {
        for (int i = 0; i < commits; i++)
        {
            driver.Commit("a", new() { [7] = i + 1 });
            ulong[] versions = [.. driver.Reported.Containers["a"].Versions.Select(version => version.Interval)];
            driver.Discard("a", versions[..^1]);
        }
    }

    /// <summary>But for what the last commit freed.</summary>
    private void AssertAllIsFree(VolumeDriver driver)
    {
        driver.Create("last", 1);
        driver.Delete("last");
        VolumeStatistics statistics = _volume.Statistics;
        long fixedBlocks = SpaceLayout.FixedBefore(SpaceLayout.Regions(statistics.Blocks));
        Assert.That(
            statistics.Free,
            Is.GreaterThan(statistics.Blocks - fixedBlocks - statistics.InUse - 50)
                .And.LessThanOrEqualTo(statistics.Blocks - fixedBlocks - statistics.InUse));
        Assert.That(_volume.Verify().Damages, Is.Empty);
    }

    /// <summary>A volume open for reading, as another process has it.</summary>
    private sealed class Reader : IDisposable
    {
        private readonly IReaders _place;

        public Reader(SimulatedDisk disk, SimulatedReaders places)
        {
            _place = places.Open();
            Volume = Volume.Open(disk, new VolumeOptions { ReadOnly = true }, home: null, _place);
        }

        public Volume Volume { get; }

        public void Dispose()
        {
            Volume.Dispose();
            _place.Dispose();
        }
    }
}
