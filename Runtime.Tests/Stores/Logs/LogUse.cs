using Runtime.Core.Disks;
using Runtime.Core.Storage;
using Runtime.Stores.Logs;

namespace Runtime.Tests.Stores.Logs;

/// <summary>Records of which each is known by its number, and what logs are asked.</summary>
internal static class LogUse
{
    private const int Large = 3 * IDisk.BlockSize;

    /// <summary>The record of a number: of some bytes, of none, of about a block, or of several.</summary>
    public static KernelLogRecord Record(int number)
    {
        var random = new Random(number);
        int length = (number % 7) switch
        {
            0 => 0,
            3 => LogFormat.Block.Capacity - LogFormat.Record.Size + random.Next(-1, 2),
            5 => random.Next(Large),
            _ => random.Next(200),
        };
        return Record(number, length);
    }

    public static KernelLogRecord Record(int number, int payloadLength)
    {
        var payload = new byte[payloadLength];
        new Random(number).NextBytes(payload);
        return new KernelLogRecord((byte)number, (ulong)number, (ulong)number * 0x1_0000_0001, payload);
    }

    public static bool IsSame(KernelLogRecord found, KernelLogRecord expected) =>
        (found with { Payload = default }) == (expected with { Payload = default })
        && found.Payload.Span.SequenceEqual(expected.Payload.Span);

    /// <returns>Null if the records are those of the numbers.</returns>
    public static string? Difference(IReadOnlyList<KernelLogRecord> found, IReadOnlyList<int> numbers)
    {
        for (int i = 0; i < Math.Min(found.Count, numbers.Count); i++)
        {
            if (!IsSame(found[i], Record(numbers[i])))
            {
                return $"record {i} is that of {found[i].Container}, not of {numbers[i]}";
            }
        }

        return found.Count == numbers.Count ? null : $"there are {found.Count} records, not {numbers.Count}";
    }

    public static KernelLog Open(IDisk disk) => KernelLog.Open(disk, isReadOnly: false)!;

    /// <summary>What a reader finds; nothing where there is no log.</summary>
    public static IReadOnlyList<KernelLogRecord> Read(IDisk disk)
    {
        using KernelLog? log = KernelLog.Open(disk, isReadOnly: true);
        return log?.Records ?? [];
    }

    public static void Append(IKernelLog log, params ReadOnlySpan<int> numbers)
    {
        foreach (int number in numbers)
        {
            log.Append(Record(number));
        }
    }

    public static KernelLogRecord[] Records(IEnumerable<int> numbers) => [.. numbers.Select(number => Record(number))];
}
