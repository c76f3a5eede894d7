using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Copies of superblocks are damaged, and written again from what is whole.</summary>
public class SuperblockRepairTests
{
    private SimulatedDisk _disk = null!;
    private VolumeModel _model = null!;

    [SetUp]
    public void FillVolume()
    {
        _disk = new SimulatedDisk();
        using Volume volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1 << 20);
        driver.Commit("a", new() { [0] = 1 });
        driver.Commit("a", new() { [1] = 2 });
        _model = driver.Reported;
    }

    [TearDown]
    public void DisposeDisk() => _disk.Dispose();

    [Test]
    public void A_sound_volume_is_not_written()
    {
        int calls = _disk.Calls;
        Assert.That(SuperblockSlots.Repair(_disk), Is.Empty);
        Assert.That(_disk.Calls, Is.EqualTo(calls));
    }

    [Test]
    public void A_new_volume_has_nothing_to_repair()
    {
        using var disk = new SimulatedDisk();
        Volume.Open(disk, new VolumeOptions { Create = true }).Dispose();
        Assert.That(SuperblockSlots.Repair(disk), Is.Empty);
    }

    [Test]
    public void One_damaged_copy_is_written_again_and_named(
        [Range(0, 3)] int copy, [Values(0, 8, 16, 100, 4095)] int at)
    {
        _disk.Flip(copy, at);
        VolumeDamage repaired = SuperblockSlots.Repair(_disk).Single();
        Assert.That(repaired.Block.Value, Is.EqualTo(copy));
        Assert.That(repaired.Message, Does.Contain($"written again from b{copy ^ 1}"));
        Assert.That(SuperblockSlots.Repair(_disk), Is.Empty);
        AssertSound();
    }

    [Test]
    public void One_copy_of_each_slot_may_be_damaged()
    {
        _disk.Flip(1, 77);
        _disk.Flip(2, 77);
        Assert.That(SuperblockSlots.Repair(_disk).Select(repaired => repaired.Block.Value), Is.EqualTo([1L, 2L]));
        AssertSound();
    }

    [Test]
    public void Both_copies_of_the_older_slot_are_left_to_the_next_commit()
    {
        long older = 2 * (1 - (int)(SuperblockSlots.Read(_disk).Newest.Sequence % 2));
        _disk.Flip(older, 77);
        _disk.Flip(older + 1, 77);
        int calls = _disk.Calls;
        Assert.That(
            SuperblockSlots.Repair(_disk).Select(repaired => repaired.Message),
            Is.All.Contains("the next commit writes it anew").And.Exactly(2).Items);
        Assert.That(_disk.Calls, Is.EqualTo(calls));
        AssertSound();
    }

    [Test]
    public void The_copy_that_a_power_cut_left_old_takes_over_the_newer_one()
    {
        // The second copy of the newest slot is that of two commits before.
        long newest = 2 * (SuperblockSlots.Read(_disk).Newest.Sequence % 2);
        var bytes = new byte[4096];
        _disk.ReadBlocks(new Runtime.Core.Disks.BlockNumber(newest), bytes);
        Superblock two = Superblock.Decode(bytes, (int)(newest / 2))!;
        _disk.WriteBlocks(
            new Runtime.Core.Disks.BlockNumber(newest + 1), (two with { Sequence = two.Sequence - 2 }).Encode());
        VolumeDamage repaired = SuperblockSlots.Repair(_disk).Single();
        Assert.That(repaired.Message, Does.Contain("it is older than the other copy"));
        AssertSound();
    }

    [Test]
    public void With_all_copies_damaged_it_is_refused()
    {
        for (int copy = 0; copy < 4; copy++)
        {
            _disk.Flip(copy, 77);
        }

        Assert.That(
            () => SuperblockSlots.Repair(_disk), Throws.TypeOf<VolumeException>().With.Message.Contains("superblock"));
    }

    private void AssertSound()
    {
        using Volume volume = Volume.Open(_disk.Reopen(), new VolumeOptions { ReadOnly = true });
        Assert.That(_model.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
    }
}
