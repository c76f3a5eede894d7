using System.Globalization;

namespace Runtime.Tool.Output;

/// <summary>Numbers as people read them, the same under every culture.</summary>
internal static class Format
{
    private static readonly string[] s_binaryUnits = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>12,345.</summary>
    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: 1 page, 2 pages.</summary>
    internal static string Count(long value, string noun) => Count(value, noun, noun + "s");

    /// <inheritdoc cref="Count(long, string)"/>
    internal static string Count(long value, string one, string many) => $"{Count(value)} {(value == 1 ? one : many)}";

    /// <summary>12,345 bytes (12.1 KiB).</summary>
    internal static string Bytes(long value) =>
        value < 1024 ? Count(value, "byte") : $"{Count(value)} bytes ({Scaled(value)})";

    /// <summary>12.1 KiB.</summary>
    internal static string Scaled(long value)
    {
        double scaled = value;
        int unit = 0;
        for (; scaled >= 1024 && unit < s_binaryUnits.Length - 1; unit++)
        {
            scaled /= 1024;
        }

        return unit == 0
            ? Count(value, "byte")
            : string.Create(CultureInfo.InvariantCulture, $"{scaled:0.#} {s_binaryUnits[unit]}");
    }

    /// <summary>850 ns, 3.65 µs, 12.3 ms, 1.24 s.</summary>
    internal static string Duration(TimeSpan value) => Nanoseconds(value.TotalNanoseconds);

    /// <inheritdoc cref="Duration"/>
    internal static string Nanoseconds(double value) => value switch
    {
        < 1e3 => Significant(value, "ns"),
        < 1e6 => Significant(value / 1e3, "µs"),
        < 1e9 => Significant(value / 1e6, "ms"),
        _ => Significant(value / 1e9, "s"),
    };

    /// <summary>Seconds since the epoch are for machines: 2026-01-31 12:00:00 UTC.</summary>
    internal static string Time(DateTimeOffset value) =>
        value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Significant(double value, string unit)
    {
        string digits = value switch
        {
            < 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
            < 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
            _ => value.ToString("N0", CultureInfo.InvariantCulture),
        };
        return $"{digits} {unit}";
    }
}
