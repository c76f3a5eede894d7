using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Every byte of a small volume is changed in turn, and random bits of a larger one.</summary>
public class EveryByteTests
{
    // Under Wine every so many bytes: the code is the same.
    private static readonly int s_step = OperatingSystem.IsWindows() ? 61 : 1;

    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    private ImageDisk _image = null!;
    private VolumeModel _model = null!;
    private HashSet<long> _live = null!;
    private HashSet<long> _read = null!;

    [OneTimeSetUp]
    public void FillVolume() => (_image, _model) = Fill(driver =>
    {
        driver.Create("a", 1L << 30);
        driver.Commit("a", new() { [0] = 1, [300] = 2 });
        driver.Commit("a", new() { [0] = 3 });
    });

    [SetUp]
    public void FindBlocks() => (_live, _read) = Needed(_image, _model);

    [Test, Deadline(300)]
    public void A_changed_byte_of_a_live_block_is_named_and_never_read_as_data()
    {
        long since = Stopwatch.GetTimestamp();
        long flips = 0;
        foreach (long block in _live.Where(block => block >= Format.Superblock.Blocks))
        {
            for (int offset = 0; offset < IDisk.BlockSize; offset += s_step, flips++)
            {
                CheckLive(_image, _model, block, offset, isRead: _read.Contains(block));
            }
        }

        Report(flips, since, $"of {_live.Count} live blocks");
        Assert.That(_live, Has.Count.GreaterThan(10));
    }

    [Test, Deadline(300)]
    public void A_changed_byte_of_one_copy_of_the_superblock_is_named_and_mended()
    {
        long since = Stopwatch.GetTimestamp();
        long flips = 0;
        foreach (long block in _live.Where(block => block < Format.Superblock.Blocks))
        {
            for (int offset = 0; offset < IDisk.BlockSize; offset += s_step, flips++)
            {
                using var flip = new Flipped(_image, block, offset);
                using (Volume volume = Volume.Open(_image, s_readOnly))
                {
                    Assert.That(volume.Verify().Damages.Single().Block.Value, Is.EqualTo(block));
                    AssertHolds(volume, block, offset);
                }

                using Volume mended = Volume.Open(_image.Copy());
                Assert.That(mended.Verify().IsSound, $"block {block}, offset {offset}");
                AssertHolds(mended, block, offset);
            }
        }

        Report(flips, since, "of superblocks");
        Assert.That(flips, Is.EqualTo(2 * ((IDisk.BlockSize + s_step - 1) / s_step)));
    }

    [Test, Deadline(300)]
    public void Changed_bytes_of_what_is_not_needed_change_nothing()
    {
        long since = Stopwatch.GetTimestamp();
        long[] others = [.. Enumerable.Range(0, (int)_image.BlockCount).Select(block => (long)block).Except(_live)];
        long flips = 0;
        for (int offset = 0; offset < IDisk.BlockSize; offset += s_step, flips += others.Length)
        {
            // All of them at once: of none of them anything is read.
            Flipped[] flipped = [.. others.Select(block => new Flipped(_image, block, offset))];
            using (Volume volume = Volume.Open(_image, s_readOnly))
            {
                Assert.That(volume.Verify().IsSound, $"offset {offset}");
                AssertHolds(volume, block: -1, offset);
            }

            Array.ForEach(flipped, flip => flip.Dispose());
        }

        Report(flips, since, $"of {others.Length} blocks that are free, or of the commit before");
        Assert.That(others, Has.Length.GreaterThan(50));
    }

    [Test, Deadline(300)]
    public void With_the_same_byte_of_all_superblocks_changed_it_is_refused_in_clear_words()
    {
        for (int offset = 0; offset < IDisk.BlockSize; offset += s_step)
        {
            Flipped[] flipped =
                [.. Enumerable.Range(0, (int)Format.Superblock.Blocks).Select(b => new Flipped(_image, b, offset))];
            foreach (VolumeOptions options in (VolumeOptions[])[s_readOnly, new() { Create = true }])
            {
                Assert.That(
                    () => Volume.Open(_image, options),
                    Throws.TypeOf<VolumeException>().With.Message.Matches("superblock|format version"),
                    $"offset {offset}");
            }

            Array.ForEach(flipped, flip => flip.Dispose());
        }
    }

    [Test, Deadline(300)]
    public void A_changed_bit_anywhere_in_a_larger_volume_is_named_or_changes_nothing([Values(1)] int seed)
    {
        long since = Stopwatch.GetTimestamp();
        int flips = OperatingSystem.IsWindows() ? 30 : 600;
        var random = new Random(seed);
        (ImageDisk image, VolumeModel model) = Fill(driver =>
        {
            for (int step = 0; step < 30; step++)
            {
                driver.Step(random);
            }

            driver.Create("large", 1 << 24);
            driver.Commit("large", new(Enumerable.Range(0, 1500).ToDictionary(i => (ulong)i, i => i + 1)));
        });
        (HashSet<long> live, HashSet<long> read) = Needed(image, model);
        int named = 0;
        for (int i = 0; i < flips; i++)
        {
            long block = random.NextInt64(Format.Superblock.Blocks, image.BlockCount);
            int offset = random.Next(IDisk.BlockSize);
            if (live.Contains(block))
            {
                CheckLive(image, model, block, offset, read.Contains(block));
                named++;
                continue;
            }

            using var flip = new Flipped(image, block, offset);
            using Volume volume = Volume.Open(image, s_readOnly);
            Assert.That(volume.Verify().IsSound);
            Assert.That(model.DifferenceTo(volume), Is.Null);
        }

        Report(flips, since, $"of {image.BlockCount} blocks, seed {seed}; {named} were of live ones");
        Assert.That(named, Is.InRange(1, flips - 1));
    }

    private static void CheckLive(ImageDisk image, VolumeModel model, long block, int offset, bool isRead)
    {
        using var flip = new Flipped(image, block, offset);
        using Volume volume = Volume.Open(image, s_readOnly);
        bool isNamed = volume.Verify().Damages.Any(damage => damage.Block.Value == block);
        Assert.That(isNamed, $"block {block}, offset {offset}");
        try
        {
            string? difference = model.DifferenceTo(volume);
            if (difference is not null || isRead)
            {
                Assert.Fail($"block {block}, offset {offset}: {difference ?? "it was read without an error"}");
            }
        }
        catch (VolumeException e)
        {
            if (!e.Message.Contains(new BlockNumber(block).ToString(), StringComparison.Ordinal))
            {
                Assert.Fail($"block {block}, offset {offset}: {e.Message}");
            }
        }
    }

    private void AssertHolds(Volume volume, long block, int offset)
    {
        if (_model.DifferenceTo(volume) is { } difference)
        {
            Assert.Fail($"block {block}, offset {offset}: {difference}");
        }
    }

    private static (ImageDisk Image, VolumeModel Model) Fill(Action<VolumeDriver> changes)
    {
        var image = new ImageDisk();
        using Volume volume = Volume.Open(image, new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        changes(driver);
        return (image, driver.Reported);
    }

    /// <summary>The blocks that it takes to verify the newest commit, and those that it takes to read it.</summary>
    private static (HashSet<long> Live, HashSet<long> Read) Needed(ImageDisk image, VolumeModel model)
    {
        var verified = new RecordingDisk(image);
        using (Volume volume = Volume.Open(verified, s_readOnly))
        {
            verified.Reads.Clear();
            Assert.That(volume.Verify().IsSound);
        }

        var read = new RecordingDisk(image);
        using (Volume volume = Volume.Open(read, s_readOnly))
        {
            Assert.That(model.DifferenceTo(volume), Is.Null);
        }

        return (verified.Reads, read.Reads);
    }

    private static void Report(long flips, long since, string what) => TestContext.Out.WriteLine(
        $"{flips} bytes {what} changed in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s");

    /// <summary>One bit is wrong until this is disposed.</summary>
    private readonly struct Flipped : IDisposable
    {
        private readonly ImageDisk _image;
        private readonly long _block;
        private readonly ImageBlock _sound;

        public Flipped(ImageDisk image, long block, int offset)
        {
            (_image, _block, _sound) = (image, block, image[block]);
            image.Flip(block, offset, (byte)(1 << (int)((offset + block) % 8)));
        }

        public void Dispose() => _image[_block] = _sound;
    }
}
