using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Disks;

public class SimulatedDiskTests : DiskContract
{
    [Test]
    public void A_power_cut_keeps_what_was_flushed_and_tears_what_was_not_at_sectors([Range(1, 30)] int seed)
    {
        var disk = new SimulatedDisk(seed) { PowerCutAtCall = 4 };
        byte[] old = Blocks(count: 2, seed: 1);
        byte[] young = Blocks(count: 2, seed: 2);
        disk.WriteBlocks(new BlockNumber(0), old);
        disk.Flush();
        disk.WriteBlocks(new BlockNumber(0), young);
        Assert.That(() => disk.Flush(), Throws.TypeOf<VolumeException>());

        byte[] left = new byte[young.Length];
        disk.Reopen().ReadBlocks(new BlockNumber(0), left);
        for (int sector = 0; sector < left.Length; sector += 512)
        {
            ReadOnlySpan<byte> bytes = left.AsSpan(sector, 512);
            Assert.That(bytes.SequenceEqual(old.AsSpan(sector, 512)) || bytes.SequenceEqual(young.AsSpan(sector, 512)));
        }
    }

    [Test]
    public void The_same_seed_cuts_the_same_way()
    {
        byte[][] left = new byte[2][];
        for (int run = 0; run < left.Length; run++)
        {
            var disk = new SimulatedDisk(seed: 7) { PowerCutAtCall = 1 };
            Assert.That(() => disk.WriteBlocks(new BlockNumber(0), Blocks(count: 8, seed: 1)), Throws.Exception);
            SimulatedDisk reopened = disk.Reopen();
            left[run] = new byte[reopened.BlockCount * IDisk.BlockSize];
            reopened.ReadBlocks(new BlockNumber(0), left[run]);
        }

        Assert.That(left[0], Is.EqualTo(left[1]));
    }

    [Test]
    public void A_write_that_was_reported_failed_was_not_done()
    {
        var disk = (SimulatedDisk)Disk;
        disk.FailAtCall(1, Status.NoResources);
        Assert.That(
            () => disk.WriteBlocks(new BlockNumber(0), Blocks(count: 1, seed: 1)), Throws.TypeOf<VolumeException>());

        Assert.That(disk.BlockCount, Is.Zero);
    }

    private protected override IDisk Create() => new SimulatedDisk();

    private protected override IDisk Reopen() => ((SimulatedDisk)Disk).Reopen();
}
