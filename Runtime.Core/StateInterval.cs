using System.Globalization;

namespace Runtime.Core;

/// <summary>
/// A numbered stretch of one container's history; a snapshot is named by the interval that it closes.
/// </summary>
/// <remarks>The first interval is 1; 0 is the state before birth. Numbers are never reused.</remarks>
public readonly record struct StateInterval(ulong Value) : IComparable<StateInterval>
{
    /// <summary>The interval after this one.</summary>
    public StateInterval Next => new(Value + 1);

    /// <inheritdoc/>
    public int CompareTo(StateInterval other) => Value.CompareTo(other.Value);

    /// <summary>Orders by age.</summary>
    public static bool operator <(StateInterval left, StateInterval right) => left.Value < right.Value;

    /// <summary>Orders by age.</summary>
    public static bool operator >(StateInterval left, StateInterval right) => left.Value > right.Value;

    /// <summary>Orders by age.</summary>
    public static bool operator <=(StateInterval left, StateInterval right) => left.Value <= right.Value;

    /// <summary>Orders by age.</summary>
    public static bool operator >=(StateInterval left, StateInterval right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
