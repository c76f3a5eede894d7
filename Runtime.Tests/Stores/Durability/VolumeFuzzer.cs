using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Makes volumes that no writer makes, and does to them whatever can be done to volumes.</summary>
/// <param name="sound">What they are made from.</param>
internal sealed class VolumeFuzzer(ImageDisk sound)
{
    /// <summary>What came of a round.</summary>
    public enum Outcome
    {
        Refused,
        Read,
    }

    /// <summary>A volume with lines, clones, hidden versions and dead lists.</summary>
    public static VolumeFuzzer Create()
    {
        var image = new ImageDisk();
        using Volume volume = Volume.Open(image, new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1L << 40);
        driver.Create("b", 1 << 20);
        driver.Commit("a", new(Enumerable.Range(0, 300).ToDictionary(i => (ulong)i, i => i + 1)));
        driver.Commit("b", new() { [0] = 1 });
        driver.Commit("a", new() { [7] = 1000, [1 << 20] = 1001 });
        driver.Clone("a", 1, "c");
        driver.Commit("c", new() { [3] = 5 });
        driver.Commit("a", new() { [8] = 6 });
        driver.Restore("a", 2);
        driver.Commit("a", new() { [9] = 7 });
        driver.Discard("a", 1);
        return new VolumeFuzzer(image);
    }

    /// <summary>One volume, by its seed.</summary>
    public Outcome Round(int seed)
    {
        var random = new Random(seed);
        IDisk disk = Make(random);
        try
        {
            Use(disk, random);
            return Outcome.Read;
        }
        catch (KernelException)
        {
            return Outcome.Refused;
        }
    }

    private IDisk Make(Random random)
    {
        ImageDisk image = sound.Copy();
        switch (random.Next(8))
        {
            case 0:
                return new FileDisk(new FuzzedFile(Foreign(random)), "foreign", isReadOnly: false);
            case 1:
                image.Truncate(random.NextInt64(image.BlockCount));
                return image;
            case 2:
                for (int flips = random.Next(1, 30); flips > 0; flips--)
                {
                    long block = random.NextInt64(image.BlockCount);
                    image.Flip(block, random.Next(IDisk.BlockSize), (byte)random.Next(256));
                }

                return image;
            case 3:
                Exchange(image, random);
                return image;
            case 4:
                byte[] bytes = new byte[random.Next((int)image.BlockCount * IDisk.BlockSize)];
                image.ReadBlocks(new BlockNumber(0), bytes.AsSpan(0, bytes.Length / IDisk.BlockSize * IDisk.BlockSize));
                return new FileDisk(new FuzzedFile(bytes), "torn", isReadOnly: false);
            default:
                new VolumeForger(image, random).Forge();
                return image;
        }
    }

    /// <summary>Blocks stand in each other's places, or several times.</summary>
    private static void Exchange(ImageDisk image, Random random)
    {
        for (int exchanges = random.Next(1, 10); exchanges > 0; exchanges--)
        {
            long one = random.NextInt64(image.BlockCount);
            long other = random.NextInt64(image.BlockCount);
            (image[one], image[other]) = (image[other], random.Next(2) == 0 ? image[one] : image[other]);
        }
    }

    private byte[] Foreign(Random random)
    {
        var bytes = new byte[random.Next(4) == 0 ? random.Next(10) : random.Next(1 << 19)];
        if (random.Next(2) == 0)
        {
            random.NextBytes(bytes);
        }

        for (int block = 0; block < 4 && (block + 1) * IDisk.BlockSize <= bytes.Length && random.Next(2) == 0; block++)
        {
            sound[block].Bytes.CopyTo(bytes.AsSpan(block * IDisk.BlockSize));
        }

        return bytes;
    }

    private static void Use(IDisk disk, Random random)
    {
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = random.Next(2) == 0 });
        volume.Verify();
        foreach (ContainerRecord record in volume.Containers)
        {
            IReadOnlyList<SnapshotInfo> history = volume.History(record);
            StateInterval any = history.Count == 0 ? default : history[random.Next(history.Count)].Interval;
            VolumeUse.Try(() => Read(volume, record, any, random));
            VolumeUse.ChangeAll(volume, record, history, any, random);
        }

        volume.Create("new", 1, "m");
        volume.Delete(volume.Find("new")!);
        volume.Verify();
    }

    private static void Read(Volume volume, ContainerRecord record, StateInterval interval, Random random)
    {
        using VersionMap map = volume.OpenMap(record, interval);
        map.ReadPage(new PageNumber((ulong)random.NextInt64(1 << 28)), new byte[IDisk.BlockSize]);
        map.ReadPages(new PageNumber(0), new byte[64 * IDisk.BlockSize]);
    }

    /// <summary>Any bytes, in the place of a file.</summary>
    private sealed class FuzzedFile : IFile
    {
        private readonly SimulatedFile _file = new();

        public FuzzedFile(byte[] bytes) => _file.Write(0, bytes);

        public bool IsClosed { get; private set; }

        public long Length => _file.Length;

        public int Read(long offset, Span<byte> destination) => _file.Read(offset, destination);

        public int Write(long offset, ReadOnlySpan<byte> source)
        {
            _file.Write(offset, source);
            return source.Length;
        }

        public void SetLength(long length) => _file.SetLength(length);

        public int Allocate(long offset, long byteLength)
        {
            _file.SetLength(Math.Max(_file.Length, offset + byteLength));
            return 0;
        }

        public int Flush()
        {
            _file.Flush();
            return 0;
        }

        public void ThrowUnlessOurs(string path)
        {
        }

        public void Dispose() => IsClosed = true;
    }
}
