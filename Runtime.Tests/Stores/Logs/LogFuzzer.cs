using System.Buffers.Binary;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Storage;
using Runtime.Stores.Logs;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Logs;

/// <summary>Makes logs that no writer makes, and does to them whatever can be done to logs.</summary>
/// <param name="sound">What they are made from.</param>
internal sealed class LogFuzzer(ImageDisk sound)
{
    public static LogFuzzer Create()
    {
        var sound = new ImageDisk();
        var driver = new LogDriver(sound);
        driver.Open();
        for (int i = 0; i < 12; i++)
        {
            driver.Append();
            driver.Append();
            driver.Flush();
            if (i % 4 == 3)
            {
                driver.Compact();
            }
        }

        return new LogFuzzer(sound);
    }

    /// <summary>One log, by its seed.</summary>
    /// <returns>Whether it was read, not refused.</returns>
    public bool Round(int seed)
    {
        var random = new Random(seed);
        ImageDisk image = Make(random);
        try
        {
            LogUse.Read(image);
            using (KernelLog log = LogUse.Open(image))
            {
                LogUse.Append(log, 1, 2);
                log.Flush();
                log.Compact([.. log.Records.Where(_ => random.Next(2) == 0)]);
                LogUse.Append(log, 3);
                log.Flush();
            }

            // Whatever it was, now it is a log.
            IReadOnlyList<KernelLogRecord> records = LogUse.Read(image);
            return LogUse.IsSame(records[^1], LogUse.Record(3))
                ? true
                : throw new InvalidOperationException("it does not hold what was appended");
        }
        catch (VolumeException)
        {
            return false;
        }
    }

    private ImageDisk Make(Random random)
    {
        ImageDisk image = sound.Copy();
        image.Capacity = image.BlockCount + 1000;
        for (int changes = random.Next(1, 6); changes > 0; changes--)
        {
            long block = random.Next(3) == 0
                ? random.Next((int)LogFormat.Header.Blocks)
                : random.NextInt64(image.BlockCount);
            switch (random.Next(6))
            {
                case 0:
                    image.Flip(block, random.Next(IDisk.BlockSize), (byte)random.Next(256));
                    break;
                case 1 when image.BlockCount > 5:
                    image.Truncate(random.NextInt64(4, image.BlockCount));
                    break;
                case 2:
                    image[random.NextInt64(image.BlockCount)] = image[block];
                    break;
                default:
                    image[block] = new ImageBlock(Forge(image[block].Bytes, random));
                    break;
            }
        }

        return image;
    }

    /// <summary>A field is another number, under a right checksum.</summary>
    private static byte[] Forge(ReadOnlySpan<byte> block, Random random)
    {
        byte[] bytes = block.ToArray();
        long number = random.Next(5) switch
        {
            0 => random.NextInt64(long.MinValue, long.MaxValue),
            1 => random.Next(-1, 20),
            2 => LogFormat.MaxBlocks - random.Next(3),
            3 => random.Next(1 << 26),
            _ => long.MaxValue - random.Next(3),
        };
        bool isHeader = LogHeader.HasMagic(bytes);
        int[] offsets = isHeader ? [16, 24, 32, 40] : [8, 16, 24, 32, 36, 40, 44, 100, 1000];
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(offsets[random.Next(offsets.Length)]), number);
        if (isHeader)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(LogFormat.Header.Checksum), Crc32C.Compute(bytes.AsSpan(0, LogFormat.Header.Checksum)));
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                bytes.AsSpan(LogFormat.Block.Tag), LogFormat.Block.TagValue);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Crc32C.Compute(bytes.AsSpan(LogFormat.Block.Tag)));
        }

        return bytes;
    }
}
