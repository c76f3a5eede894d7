using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Disks;

/// <summary>What every disk must do.</summary>
public abstract class DiskContract
{
    private IDisk _disk = null!;

    private protected IDisk Disk => _disk;

    [SetUp]
    public void CreateDisk() => _disk = Create();

    [TearDown]
    public void DisposeDisk() => _disk.Dispose();

    [Test]
    public void A_new_disk_is_empty_and_writable()
    {
        Assert.That(_disk.BlockCount, Is.Zero);
        Assert.That(_disk.IsReadOnly, Is.False);
    }

    [Test]
    public void What_was_written_is_read_back_block_by_block_and_together()
    {
        byte[] bytes = Blocks(count: 3, seed: 1);
        _disk.WriteBlocks(new BlockNumber(2), bytes);

        Assert.That(Read(2, 3), Is.EqualTo(bytes));
        Assert.That(Read(3, 1), Is.EqualTo(bytes[4096..8192]));
    }

    [Test]
    public void Writing_beyond_the_end_extends_and_what_was_skipped_reads_as_zeroes()
    {
        _disk.WriteBlocks(new BlockNumber(5), Blocks(count: 1, seed: 2));

        Assert.That(_disk.BlockCount, Is.EqualTo(6));
        Assert.That(Read(0, 5), Is.All.Zero);
    }

    [Test]
    public void A_later_write_wins()
    {
        _disk.WriteBlocks(new BlockNumber(0), Blocks(count: 4, seed: 3));
        byte[] later = Blocks(count: 1, seed: 4);
        _disk.WriteBlocks(new BlockNumber(1), later);

        Assert.That(Read(1, 1), Is.EqualTo(later));
        Assert.That(Read(2, 2), Is.EqualTo(Blocks(count: 4, seed: 3)[8192..]));
    }

    [Test]
    public void Reading_beyond_the_end_is_out_of_range()
    {
        _disk.WriteBlocks(new BlockNumber(0), Blocks(count: 2, seed: 5));

        Assert.That(
            () => Read(1, 2), Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.OutOfRange));
    }

    [Test]
    public void What_was_flushed_is_there_after_reopening()
    {
        byte[] bytes = Blocks(count: 2, seed: 6);
        _disk.WriteBlocks(new BlockNumber(0), bytes);
        _disk.Flush();
        _disk = Reopen();

        Assert.That(_disk.BlockCount, Is.EqualTo(2));
        Assert.That(Read(0, 2), Is.EqualTo(bytes));
    }

    [Test]
    public void Threads_may_write_and_read_different_blocks_at_once()
    {
        const int PerThread = 50;
        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < PerThread; i++)
            {
                long block = (i * 4) + thread;
                byte[] bytes = Blocks(count: 1, seed: (int)block);
                _disk.WriteBlocks(new BlockNumber(block), bytes);
                Assert.That(Read(block, 1), Is.EqualTo(bytes));
            }
        });

        Assert.That(_disk.BlockCount, Is.EqualTo(4 * PerThread));
    }

    private protected abstract IDisk Create();

    /// <summary>Lets go of <see cref="Disk"/> and opens what it left.</summary>
    private protected abstract IDisk Reopen();

    private protected byte[] Read(long first, int count)
    {
        var bytes = new byte[count * IDisk.BlockSize];
        _disk.ReadBlocks(new BlockNumber(first), bytes);
        return bytes;
    }

    private protected static byte[] Blocks(int count, int seed)
    {
        var bytes = new byte[count * IDisk.BlockSize];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
