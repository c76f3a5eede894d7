using System.Numerics;

namespace Runtime.Stores.Managers;

/// <summary>How many pages at a time managers may be told to bring in.</summary>
internal static class TransferLimits
{
    private const int MostReadAhead = 1 << 16;

    /// <exception cref="ArgumentOutOfRangeException">It is no power of two, or more than that.</exception>
    internal static int CheckUnit(int value, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        ArgumentOutOfRangeException.ThrowIfNotEqual(BitOperations.IsPow2(value), true, nameof(value));
        return value;
    }

    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more than 65,536.</exception>
    internal static int CheckReadAhead(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MostReadAhead);
        return value;
    }
}
