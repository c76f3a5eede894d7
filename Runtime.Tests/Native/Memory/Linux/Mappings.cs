using System.Globalization;

namespace Runtime.Tests.Native.Memory.Linux;

/// <summary>The mappings of this process, as the kernel lists them.</summary>
internal static class Mappings
{
    internal static int CountIn(nint start, long length) =>
        File.ReadLines("/proc/self/maps").Count(line =>
        {
            (long low, long high) = Range(line);
            return low < start + length && high > start;
        });

    internal static string FlagsOf(nint address)
    {
        bool isInside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.StartsWith("VmFlags:", StringComparison.Ordinal) && isInside)
            {
                return line;
            }

            if (line.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash
                && line.AsSpan(0, dash).IndexOf(':') < 0)
            {
                (long low, long high) = Range(line);
                isInside = address >= low && address < high;
            }
        }

        return "no such mapping";
    }

    private static (long Low, long High) Range(string line)
    {
        string[] ends = line.Split(' ')[0].Split('-');
        return (long.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            long.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
