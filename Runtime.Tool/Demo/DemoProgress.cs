using System.Globalization;
using Runtime.Core;

namespace Runtime.Tool.Demo;

/// <summary>What the writing process tells the one that will kill it, a line at a time.</summary>
/// <param name="Round">The round that it is about.</param>
/// <param name="Interval">The snapshot in which the round is now durable; null while the round is half written.</param>
internal readonly record struct DemoProgress(long Round, StateInterval? Interval)
{
    internal static DemoProgress HalfWritten(long round) => new(round, null);

    internal static DemoProgress Durable(long round, StateInterval interval) => new(round, interval);

    internal static DemoProgress FromLine(string line)
    {
        string[] words = line.Split(' ');
        return words switch
        {
            ["half", string round] => HalfWritten(long.Parse(round, CultureInfo.InvariantCulture)),
            ["durable", string round, string interval] => Durable(
                long.Parse(round, CultureInfo.InvariantCulture),
                new StateInterval(ulong.Parse(interval, CultureInfo.InvariantCulture))),
            _ => throw new FormatException($"'{line}' is no progress"),
        };
    }

    internal string ToLine() => Interval is { } interval
        ? string.Create(CultureInfo.InvariantCulture, $"durable {Round} {interval}")
        : string.Create(CultureInfo.InvariantCulture, $"half {Round}");
}
