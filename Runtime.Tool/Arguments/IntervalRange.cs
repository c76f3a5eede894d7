using System.Globalization;
using Runtime.Core;

namespace Runtime.Tool.Arguments;

/// <summary>One interval, written <c>5</c>, or all from one to another, written <c>3-7</c>.</summary>
internal readonly record struct IntervalRange(StateInterval First, StateInterval Last)
{
    internal bool IsSingle => First == Last;

    internal static bool TryParse(string text, out IntervalRange range)
    {
        range = default;
        string[] ends = text.Split('-');
        if (ends.Length > 2
            || !TryParse(ends[0], out StateInterval first)
            || !TryParse(ends[^1], out StateInterval last))
        {
            return false;
        }

        range = new IntervalRange(first, last);
        return first <= last;
    }

    internal bool Contains(StateInterval interval) => First <= interval && interval <= Last;

    /// <inheritdoc/>
    public override string ToString() => IsSingle ? $"{First}" : $"{First}-{Last}";

    private static bool TryParse(string text, out StateInterval interval)
    {
        bool isNumber = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value);
        interval = new StateInterval(value);
        return isNumber && value > 0;
    }
}
