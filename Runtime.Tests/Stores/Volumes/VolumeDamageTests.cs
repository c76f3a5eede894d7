using System.Buffers.Binary;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>What was written is not what is read.</summary>
public class VolumeDamageTests
{
    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    private SimulatedDisk _disk = null!;
    private VolumeModel _model = null!;

    [SetUp]
    public void FillVolume()
    {
        _disk = new SimulatedDisk();
        using Volume volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1L << 40);
        driver.Create("b", 1 << 20);
        driver.Commit("a", new(Enumerable.Range(0, 300).ToDictionary(i => (ulong)i, i => i + 1)));
        driver.Commit("b", new() { [0] = 1 });
        driver.Commit("a", new() { [7] = 1000, [1 << 20] = 1001 });
        _model = driver.Reported;
    }

    [TearDown]
    public void DisposeDisk() => _disk.Dispose();

    [Test]
    public void One_copy_of_the_superblock_is_enough_and_opening_for_writing_mends_the_other(
        [Values(0, 1)] int copy, [Values(0, 9, 20, 60, 4000, 4095)] int offset)
    {
        long block = (NewestSlot() * 2) + copy;
        _disk.Flip(block, offset);

        using (Volume reader = Volume.Open(_disk.Reopen(), s_readOnly))
        {
            Assert.That(_model.DifferenceTo(reader), Is.Null);
            Assert.That(reader.Verify().Damages.Single().Block.Value, Is.EqualTo(block));
        }

        using Volume volume = Volume.Open(_disk);
        Assert.That(_model.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().IsSound);
    }

    [Test]
    public void With_all_copies_of_the_superblock_damaged_it_is_refused_even_where_one_may_be_created()
    {
        for (long block = 0; block < 4; block++)
        {
            _disk.Flip(block, 100);
        }

        Assert.That(
            () => Volume.Open(_disk.Reopen()), Throws.TypeOf<VolumeException>().With.Message.Contains("superblock"));
        Assert.That(
            () => Volume.Open(_disk.Reopen(), new VolumeOptions { Create = true }), Throws.TypeOf<VolumeException>());
    }

    [Test]
    public void The_format_before_is_refused_by_its_number()
    {
        for (long block = 0; block < 4; block++)
        {
            byte[] bytes = Read(block);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 0);
            Write(block, Seal(bytes));
        }

        Assert.That(
            () => Volume.Open(_disk),
            Throws.TypeOf<VolumeException>()
                .With.Message.Contains("format version 0; this build reads version 1")
                .And.Property("Status").EqualTo(Status.NotSupported));
    }

    [Test]
    public void A_newer_format_is_refused_by_its_number_wherever_its_checksum_is([Values] bool sealAgain)
    {
        for (long block = 0; block < 4; block++)
        {
            byte[] bytes = Read(block);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 3);
            Write(block, sealAgain ? Seal(bytes) : bytes);
        }

        Assert.That(
            () => Volume.Open(_disk),
            Throws.TypeOf<VolumeException>()
                .With.Message.Contains("format version 3")
                .And.Property("Status").EqualTo(Status.NotSupported));
    }

    [Test]
    public void A_foreign_file_is_refused_and_left_alone([Values(1, 3, 4, 9)] int blocks)
    {
        var disk = new SimulatedDisk();
        var foreign = new byte[blocks * IDisk.BlockSize];
        new Random(blocks).NextBytes(foreign);
        disk.WriteBlocks(new BlockNumber(0), foreign);
        int calls = disk.Calls;

        Assert.That(() => Volume.Open(disk, new VolumeOptions { Create = true }), Throws.TypeOf<VolumeException>());
        Assert.That(disk.Calls, Is.EqualTo(calls));
    }

    [Test]
    public void A_volume_cut_short_is_refused()
    {
        for (long length = 0; length < _disk.BlockCount; length++)
        {
            SimulatedDisk cut = _disk.Reopen();
            cut.Truncate(length);
            Assert.That(() => Volume.Open(cut), Throws.TypeOf<VolumeException>(), $"{length} blocks");
        }
    }

    [Test]
    public void Every_flipped_byte_is_named_by_verify_and_never_read_as_data()
    {
        var random = new Random(1);
        long[] needed = [.. Needed()];
        Assert.That(needed, Has.Length.GreaterThan(300));
        var recorder = new RecordingDisk(_disk.Reopen());
        using (Volume sound = Volume.Open(recorder, s_readOnly))
        {
            Assert.That(_model.DifferenceTo(sound), Is.Null);
        }

        HashSet<long> readable = recorder.Reads;
        foreach (long block in needed)
        {
            SimulatedDisk disk = _disk.Reopen();
            disk.Flip(block, random.Next(IDisk.BlockSize), (byte)(1 << random.Next(8)));
            using Volume volume = Volume.Open(disk, s_readOnly);
            VolumeReport report = volume.Verify();
            Assert.That(report.Damages.Select(d => d.Block.Value), Does.Contain(block));
            Assert.That(report.Damages[0].Message, Does.Contain(new BlockNumber(block).ToString()));

            // Reading needs neither free space nor dead lists.
            if (!readable.Contains(block))
            {
                Assert.That(_model.DifferenceTo(volume), Is.Null);
                continue;
            }

            VolumeException error = Assert.Throws<VolumeException>(() => _ = Fails(volume))!;
            Assert.That(error.Status, Is.EqualTo(Status.IoError));
            Assert.That(error.Message, Does.Contain(new BlockNumber(block).ToString()));
        }
    }

    [Test]
    public void A_damaged_page_is_named_with_its_container_and_its_oldest_version()
    {
        long page = PageBlock(content: 43);
        _disk.Flip(page, 17);
        using Volume volume = Volume.Open(_disk, s_readOnly);
        VolumeDamage damage = volume.Verify().Damages.Single();

        Assert.That(damage.Container, Is.EqualTo("a"));
        Assert.That(damage.Interval, Is.EqualTo(new StateInterval(1)));
        Assert.That(damage.Page, Is.EqualTo(new PageNumber(42)));
        byte[] destination = VolumeModel.Page(9);
        Assert.That(
            () => volume.OpenMap(volume.Find("a")!).ReadPage(new PageNumber(42), destination),
            Throws.TypeOf<VolumeException>());
        Assert.That(destination, Is.All.Zero);
    }

    [Test]
    public void Despite_damage_anywhere_the_volume_opens_and_sound_versions_are_read_and_written_beside()
    {
        foreach (long block in Needed())
        {
            SimulatedDisk disk = _disk.Reopen();
            disk.Flip(block, 1);
            using Volume volume = Volume.Open(disk);
            string[] sound = [.. _model.Containers.Keys.Where(name => IsSound(volume, name))];
            try
            {
                var driver = new VolumeDriver(volume);
                driver.Create("new", 1 << 20);
                driver.Commit("new", new(Enumerable.Range(0, 200).ToDictionary(i => (ulong)i, i => i + 1)));
            }
            catch (VolumeException e) when (e.Status == Status.IoError)
            {
                // The damage is on the way to a container's block: then nobody can tell whether the name is free.
                continue;
            }

            // Nothing that the damage only hid was taken for free space.
            disk.Flip(block, 1);
            using Volume mended = Volume.Open(disk.Reopen());
            Assert.That(
                _model.Containers.Keys.Where(name => IsSound(mended, name)), Is.EqualTo(_model.Containers.Keys));
            Assert.That(sound, Is.Not.Empty);
        }
    }

    [Test]
    public void A_deleted_container_may_be_damaged()
    {
        _disk.Flip(PageBlock(content: 4), 5);
        using Volume volume = Volume.Open(_disk);
        volume.Delete(volume.Find("a")!);

        Assert.That(volume.Verify().IsSound);
        _model.Containers.Remove("a");
        Assert.That(_model.DifferenceTo(volume), Is.Null);
    }

    [Test, Deadline(300)]
    public void Any_volume_made_of_random_bytes_with_right_checksums_is_read_or_refused([Range(1, 20)] int seed)
    {
        // Everything is sealed again after the change, so that the bounds, not the checksums, are what holds.
        var random = new Random(seed);
        MakeLines();
        for (int round = 0; round < 100; round++)
        {
            SimulatedDisk disk = _disk.Reopen();
            new VolumeForger(disk, random).Forge();
            try
            {
                using Volume volume = Volume.Open(disk);
                VolumeReport report = volume.Verify();
                Assert.That(report.Blocks, Is.LessThan(10_000));
                foreach (ContainerRecord record in volume.Containers)
                {
                    IReadOnlyList<SnapshotInfo> history = volume.History(record);
                    using (VersionMap map = volume.OpenMap(record))
                    {
                        map.ReadPage(new PageNumber((ulong)random.NextInt64(1 << 28)), new byte[4096]);
                    }

                    StateInterval any = history.Count == 0 ? default : history[random.Next(history.Count)].Interval;
                    VolumeUse.ChangeAll(volume, record, history, any, random);
                }

                volume.Create("new", 1, "m");
                volume.Delete(volume.Find("new")!);
            }
            catch (KernelException)
            {
                // Refused: that is what it is for.
            }
        }
    }

    /// <summary>Lets there be hidden versions, clones and dead lists, too.</summary>
    private void MakeLines()
    {
        using Volume volume = Volume.Open(_disk);
        var driver = new VolumeDriver(volume, _model);
        driver.Clone("a", 1, "c");
        driver.Commit("c", new() { [3] = 5 });
        driver.Commit("a", new() { [8] = 6 });
        driver.Restore("a", 2);
        driver.Commit("a", new() { [9] = 7 });
        driver.Discard("a", 1);
    }

    private bool IsSound(Volume volume, string name)
    {
        try
        {
            return volume.Find(name) is { } record && _model.Containers[name].DifferenceTo(volume, record) is null;
        }
        catch (VolumeException)
        {
            return false;
        }
    }

    private object? Fails(Volume volume) =>
        _model.DifferenceTo(volume) is { } difference ? throw new AssertionException(difference) : null;

    private int NewestSlot() => (int)(BitConverter.ToInt64(Read(0), 16) > BitConverter.ToInt64(Read(2), 16) ? 0 : 1);

    /// <summary>The blocks that the newest commit needs, found by what it takes to read everything.</summary>
    private IEnumerable<long> Needed()
    {
        var recorder = new RecordingDisk(_disk.Reopen());
        using Volume volume = Volume.Open(recorder, s_readOnly);
        Assert.That(volume.Verify().IsSound);
        return recorder.Reads.Where(block => block >= 4).Order();
    }

    /// <summary>The block of the page that is filled with a number.</summary>
    private long PageBlock(int content) =>
        Needed().First(block => Read(block).AsSpan().SequenceEqual(VolumeModel.Page(content)));

    private byte[] Read(long block)
    {
        var bytes = new byte[IDisk.BlockSize];
        _disk.ReadBlocks(new BlockNumber(block), bytes);
        return bytes;
    }

    private void Write(long block, byte[] bytes) => _disk.WriteBlocks(new BlockNumber(block), bytes);

    private static byte[] Seal(byte[] superblock)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(superblock.AsSpan(4092), Crc32C.Compute(superblock.AsSpan(0, 4092)));
        return superblock;
    }
}
