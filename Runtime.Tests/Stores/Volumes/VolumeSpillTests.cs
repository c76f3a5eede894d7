using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>The hidden container: blocks that are taken for as long as the process lives, and never recorded.</summary>
public class VolumeSpillTests
{
    [Test]
    public void Pages_come_back_and_places_are_used_again()
    {
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        ISpill spill = volume.Spill!;
        uint[] slots = [.. Enumerable.Range(1, 100).Select(value => spill.Write(Page(value)))];
        long blocks = disk.BlockCount;
        AssertHolds(spill, slots[7], 8);
        Array.ForEach(slots, spill.Free);
        uint[] again = [.. Enumerable.Range(1, 100).Select(value => spill.Write(Page(value + 100)))];

        Assert.That(again, Is.EquivalentTo(slots));
        Assert.That(disk.BlockCount, Is.EqualTo(blocks));
        for (int i = 0; i < again.Length; i++)
        {
            AssertHolds(spill, again[i], i + 101);
        }
    }

    [Test]
    public void A_place_that_is_free_cannot_be_read_or_freed()
    {
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        uint slot = volume.Spill!.Write(Page(1));
        volume.Spill.Free(slot);
        Assert.That(() => volume.Spill.Free(slot), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => volume.Spill.Read(slot, new byte[4096]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => volume.Spill.Read(77, new byte[4096]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => volume.Spill.Write(new byte[100]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void What_was_put_aside_is_no_part_of_the_volume_and_free_in_the_next_process()
    {
        using var disk = new SimulatedDisk();
        VolumeStatistics before;
        using (Volume volume = Volume.Open(disk, new VolumeOptions { Create = true }))
        {
            before = volume.Statistics;
            Assert.That(volume.Spill!.Write(Page(1)), Is.Zero);
            Assert.That(volume.Statistics.InUse, Is.EqualTo(before.InUse));
            Assert.That(volume.Containers, Is.Empty);
            volume.Create("a", 4096, "m");                          // a commit in between
            Assert.That(volume.Verify().IsSound, Is.True);
            AssertHolds(volume.Spill, 0, 1);
            volume.Delete(volume.Find("a")!);
        }

        using Volume again = Volume.Open(disk.Reopen());
        Assert.That(again.Verify().IsSound, Is.True);
        Assert.That(again.Statistics.InUse, Is.LessThanOrEqualTo(before.InUse + 3), "but for the trees of records");
        Assert.That(() => again.Spill!.Read(0, new byte[4096]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_volume_that_is_read_only_has_none()
    {
        using var disk = new SimulatedDisk();
        Volume.Open(disk, new VolumeOptions { Create = true }).Dispose();
        using Volume volume = Volume.Open(disk.Reopen(), new VolumeOptions { ReadOnly = true });
        Assert.That(volume.Spill, Is.Null);
        using var nothing = new MemoryVolume();
        Assert.That(((IVolume)nothing).Spill, Is.Null);
    }

    [Test]
    public void A_full_disk_refuses_without_touching_the_reserve_and_takes_again_when_there_is_room()
    {
        using var disk = new SimulatedDisk { Capacity = 300 };
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        var slots = new List<uint>();
        VolumeException full = Assert.Throws<VolumeException>(() =>
        {
            while (true)
            {
                slots.Add(volume.Spill!.Write(Page(slots.Count + 1)));
            }
        })!;
        Assert.That(full.Status, Is.EqualTo(Status.NoResources));
        Assert.That(slots, Has.Count.GreaterThan(100));
        volume.Spill!.Free(slots[0]);
        Assert.That(volume.Spill.Write(Page(1)), Is.EqualTo(slots[0]));
        for (int i = 0; i < slots.Count; i++)
        {
            AssertHolds(volume.Spill, slots[i], i + 1);
        }
    }

    [Test]
    public void A_write_that_fails_takes_nothing()
    {
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        volume.Spill!.Free(volume.Spill.Write(Page(1)));
        long free = volume.Statistics.Free;
        disk.FailAtCall(disk.Calls + 1, Status.IoError);
        Assert.That(() => volume.Spill.Write(Page(2)), Throws.TypeOf<VolumeException>());
        Assert.That(volume.Statistics.Free, Is.EqualTo(free));
    }

    [Test]
    public void Bytes_that_are_not_those_written_are_no_page()
    {
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        uint slot = volume.Spill!.Write(Page(1));
        disk.Flip(disk.WrittenBlocks[^1], offset: 99);
        var read = new byte[4096];
        Assert.That(
            () => volume.Spill.Read(slot, read),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.IoError));
        Assert.That(read, Is.All.Zero);
    }

    private static byte[] Page(int value)
    {
        var page = new byte[PageNumber.Size];
        new Random(value).NextBytes(page);
        return page;
    }

    private static void AssertHolds(ISpill spill, uint slot, int value)
    {
        var read = new byte[PageNumber.Size];
        spill.Read(slot, read);
        Assert.That(read.AsSpan().SequenceEqual(Page(value)), Is.True, $"slot {slot}, {value}");
    }
}
