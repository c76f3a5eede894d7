using System.Globalization;

namespace Runtime.Tool.Machine;

/// <summary>One line of <c>/proc/self/limits</c>; null means unlimited.</summary>
internal sealed record ResourceLimit(string Name, long? Soft, long? Hard)
{
    // The file's columns are as wide as its header makes them.
    private const int NameWidth = 26;

    internal static IReadOnlyList<ResourceLimit> Read(string file = "/proc/self/limits") =>
        [.. File.ReadLines(file).Skip(1).Where(line => line.Length > NameWidth).Select(Parse)];

    private static ResourceLimit Parse(string line)
    {
        string[] values = line[NameWidth..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new ResourceLimit(line[..NameWidth].TrimEnd(), ParseValue(values[0]), ParseValue(values[1]));
    }

    private static long? ParseValue(string value) =>
        value == "unlimited" ? null : long.Parse(value, CultureInfo.InvariantCulture);
}
