using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Logs;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Logs;

/// <summary>Every byte of a small log is changed in turn: what was flushed is read, or an error names it.</summary>
public class KernelLogDamageTests
{
    private static readonly int s_step = OperatingSystem.IsWindows() ? 61 : 1;

    private ImageDisk _closed = null!;
    private ImageDisk _killed = null!;
    private IReadOnlyList<int> _numbers = null!;
    private long _end;

    /// <summary>A log that was compacted, at once as it was closed, and as its process was killed.</summary>
    [OneTimeSetUp]
    public void FillLog()
    {
        _closed = new ImageDisk();
        var driver = new LogDriver(_closed);
        driver.Open();
        for (int batch = 0; batch < 3; batch++)
        {
            driver.Append();
            driver.Append();
            driver.Flush();
            if (batch == 0)
            {
                driver.Compact();
            }
        }

        _killed = _closed.Copy();
        _numbers = driver.Promise.Flushed;
        driver.Close();
        LogHeader header = LogHeaders.Read(_closed).Newest;
        Assert.That(header.Start, Is.GreaterThan(LogFormat.Header.Blocks), "there is room of an old log");
        _end = header.Start + header.Durable;
    }

    [OneTimeTearDown]
    public void DisposeImages()
    {
        _closed.Dispose();
        _killed.Dispose();
    }

    [Test]
    public void A_changed_byte_of_a_closed_log_is_named()
    {
        long since = Stopwatch.GetTimestamp();
        long start = LogHeaders.Read(_closed).Newest.Start;
        long flips = 0;
        for (long block = start; block < _end; block++)
        {
            for (int offset = 0; offset < IDisk.BlockSize; offset += s_step, flips++)
            {
                using var flip = new Flip(_closed, block, offset);
                VolumeException e = Assert.Throws<VolumeException>(() => LogUse.Read(_closed))!;
                Assert.That(e.Message, Does.StartWith($"block {new BlockNumber(block)} of kernel.log is damaged"));
            }
        }

        Report(flips, since, $"of {_end - start} blocks");
        Assert.That(_end - start, Is.GreaterThan(2));
    }

    [Test]
    public void A_damaged_log_is_not_written([Values] bool isClosed)
    {
        ImageDisk image = (isClosed ? _closed : _killed).Copy();
        image.Flip(LogHeaders.Read(image).Newest.Start, 100);
        int changes = image.Changes;
        Assert.That(() => LogUse.Open(image), Throws.TypeOf<VolumeException>().With.Message.Contains("damaged"));
        Assert.That(image.Changes, Is.EqualTo(changes));
    }

    [Test]
    public void Of_a_killed_log_only_the_last_batch_may_be_taken_for_torn()
    {
        long since = Stopwatch.GetTimestamp();
        LogContent content = new LogScan(_killed, LogHeaders.Read(_killed).Newest).Run();
        long start = content.Header.Start;
        long flips = 0;
        int cut = 0;
        for (long block = start; block < start + content.End; block++)
        {
            for (int offset = 0; offset < IDisk.BlockSize; offset += s_step, flips++)
            {
                using var flip = new Flip(_killed, block, offset);
                if (block < start + content.Last)
                {
                    Assert.That(
                        () => LogUse.Read(_killed),
                        Throws.TypeOf<VolumeException>().With.Message.Contains($"block {new BlockNumber(block)} of"));
                }
                else
                {
                    Assert.That(LogUse.Difference(LogUse.Read(_killed), [.. _numbers.SkipLast(2)]), Is.Null);
                    cut++;
                }
            }
        }

        Report(flips, since, $"of a killed log; {cut} were of the last batch");
        Assert.That(cut, Is.Positive);
    }

    [Test]
    public void A_changed_byte_of_one_copy_of_the_newest_header_changes_nothing()
    {
        long newest = LogHeaders.Read(_closed).Newest.Slot * LogFormat.Header.CopiesPerSlot;
        for (long block = newest; block < newest + LogFormat.Header.CopiesPerSlot; block++)
        {
            for (int offset = 0; offset < IDisk.BlockSize; offset += s_step)
            {
                using var flip = new Flip(_closed, block, offset);
                AssertHolds(_closed, block, offset);
            }
        }
    }

    [Test]
    public void Changed_bytes_outside_the_log_change_nothing()
    {
        LogHeader newest = LogHeaders.Read(_closed).Newest;
        long start = newest.Start;
        long[] others =
        [
            .. Enumerable.Range(0, (int)_closed.BlockCount).Select(block => (long)block)
                .Where(b => b < start ? b / LogFormat.Header.CopiesPerSlot != newest.Slot : b >= _end),
        ];
        const int Stride = 7;                       // all blocks at once, so it takes long
        for (int offset = 0; offset < IDisk.BlockSize; offset += Math.Max(s_step, Stride))
        {
            Flip[] flips = [.. others.Select(block => new Flip(_closed, block, offset))];
            AssertHolds(_closed, block: -1, offset);
            Array.ForEach(flips, flip => flip.Dispose());
        }
    }

    [Test]
    public void Without_both_copies_of_the_newest_header_nothing_that_was_flushed_is_lost_silently()
    {
        // The header before knows the same log, and its tail was written under the newest one.
        ImageDisk image = _killed.Copy();
        using (KernelLog log = LogUse.Open(image))
        {
            LogUse.Append(log, 77);
            log.Flush();
            LogHeader newest = LogHeaders.Read(image).Newest;
            ImageDisk killed = image.Copy();
            killed.Flip(newest.Slot * 2, 20);
            killed.Flip((newest.Slot * 2) + 1, 20);
            Assert.That(LogHeaders.Read(killed).Newest.Sequence, Is.EqualTo(newest.Sequence - 1));
            Assert.That(() => LogUse.Read(killed), Throws.TypeOf<VolumeException>().With.Message.Contains("damaged"));
        }

        for (int offset = 0; offset < LogFormat.Header.Compacted; offset++)
        {
            ImageDisk damaged = _closed.Copy();
            for (long block = 0; block < LogFormat.Header.Blocks; block++)
            {
                damaged.Flip(block, offset);
            }

            Assert.That(() => LogUse.Open(damaged), Throws.TypeOf<VolumeException>(), $"offset {offset}");
        }
    }

    [Test]
    public void A_log_that_was_cut_short_is_refused()
    {
        for (long blocks = 1; blocks < _end; blocks++)
        {
            ImageDisk image = _closed.Copy();
            image.Truncate(blocks);
            Assert.That(
                () => LogUse.Open(image),
                Throws.TypeOf<VolumeException>().With.Message.Matches("cut short|damaged"),
                $"{blocks} blocks");
        }
    }

    [Test]
    public void A_file_of_nothing_but_room_is_read_to_a_bound()
    {
        var image = new ImageDisk();
        LogUse.Open(image).Dispose();
        Assert.That(LogUse.Read(new EndlessDisk(image)), Is.Empty);
    }

    private void AssertHolds(ImageDisk image, long block, int offset)
    {
        if (LogUse.Difference(LogUse.Read(image), _numbers) is { } difference)
        {
            Assert.Fail($"block {block}, offset {offset}: {difference}");
        }
    }

    private static void Report(long flips, long since, string what) => TestContext.Out.WriteLine(
        $"{flips} bytes {what} changed in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s");

    /// <summary>One bit is wrong until this is disposed.</summary>
    private readonly struct Flip : IDisposable
    {
        private readonly ImageDisk _image;
        private readonly long _block;
        private readonly ImageBlock _sound;

        public Flip(ImageDisk image, long block, int offset)
        {
            (_image, _block, _sound) = (image, block, image[block]);
            image.Flip(block, offset, (byte)(1 << (int)((offset + block) % 8)));
        }

        public void Dispose() => _image[_block] = _sound;
    }

    /// <summary>A sparse file of 2^60 bytes.</summary>
    private sealed class EndlessDisk(ImageDisk beginning) : IDisk
    {
        public long BlockCount => 1L << 48;

        public bool IsReadOnly => true;

        public void ReadBlocks(BlockNumber first, Span<byte> destination)
        {
            if (first.Value + (destination.Length / IDisk.BlockSize) <= beginning.BlockCount)
            {
                beginning.ReadBlocks(first, destination);
                return;
            }

            destination.Clear();
        }

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source) =>
            throw new VolumeException(Status.PermissionDenied, "it is only read");

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }
}
