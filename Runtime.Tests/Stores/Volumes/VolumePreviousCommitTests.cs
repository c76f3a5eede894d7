using NUnit.Framework;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Superblocks alternate: if the newest is lost, the commit before it is found, and found whole.</summary>
public class VolumePreviousCommitTests
{
    private const int Steps = 40;

    [Test]
    public void The_commit_before_the_newest_stays_whole_until_the_next_one_is_durable(
        [Values] bool reopens, [Range(1, 3)] int seed)
    {
        var random = new Random(seed);
        var disk = new SimulatedDisk(seed);
        var recorder = new RecordingDisk(disk);
        Volume volume = Volume.Open(recorder, new VolumeOptions { Create = true });
        VolumeModel newest = new();
        VolumeModel previous = newest;
        for (int step = 0; step < Steps; step++)
        {
            long[] needed = step == 0 ? [] : ReadWithoutNewest(disk, previous, newest);
            if (reopens)
            {
                volume.Dispose();
                recorder = new RecordingDisk(disk = disk.Reopen());
                volume = Volume.Open(recorder);
            }

            recorder.Writes.Clear();
            var driver = new VolumeDriver(volume, newest);
            Change(driver, random, step);
            Assert.That(needed.Intersect(recorder.Writes), Is.Empty, $"step {step}");
            previous = newest;
            newest = driver.Reported;
        }

        volume.Dispose();
    }

    private static void Change(VolumeDriver driver, Random random, int step)
    {
        switch (step % 8)
        {
            case 0: driver.Create($"container {step}", 1 << 30); break;
            case 7: driver.Delete($"container {step - 7}"); break;
            default:
                ulong page = (ulong)random.Next(1 << 18);
                driver.Commit($"container {step - (step % 8)}", new() { [page] = step, [page / 2] = step + 1 });
                break;
        }
    }

    /// <summary>What a volume holds that has lost its newest superblock; returns the blocks that it takes.</summary>
    private static long[] ReadWithoutNewest(SimulatedDisk disk, VolumeModel previous, VolumeModel newest)
    {
        SimulatedDisk damaged = disk.Reopen();
        long slot = CommitOf(damaged, 0) > CommitOf(damaged, 2) ? 0 : 2;
        damaged.Flip(slot, offset: 100);
        damaged.Flip(slot + 1, offset: 100);
        var recorder = new RecordingDisk(damaged);
        using Volume volume = Volume.Open(recorder, new VolumeOptions { ReadOnly = true });

        // A commit that makes room may be followed by one that changes nothing.
        string? difference = previous.DifferenceTo(volume);
        Assert.That(difference is null ? null : newest.DifferenceTo(volume), Is.Null, difference);
        Assert.That(volume.Verify().Damages.Where(damage => damage.Block.Value >= 4), Is.Empty);
        return [.. recorder.Reads.Where(block => block >= 4)];
    }

    private static long CommitOf(SimulatedDisk disk, long block)
    {
        var bytes = new byte[IDisk.BlockSize];
        disk.ReadBlocks(new BlockNumber(block), bytes);
        return BitConverter.ToInt64(bytes, 16);
    }
}
