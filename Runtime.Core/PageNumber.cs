using System.Globalization;

namespace Runtime.Core;

/// <summary>The position of a page within its container: an index, never an address or a byte offset.</summary>
public readonly record struct PageNumber(ulong Value) : IComparable<PageNumber>
{
    /// <summary>Bytes in a page: 4,096, on every system.</summary>
    public const int Size = 4096;

    /// <summary>The byte offset of the page's first byte.</summary>
    public ulong Offset => Value * Size;

    /// <summary>The page that holds a byte offset.</summary>
    public static PageNumber Containing(ulong offset) => new(offset / Size);

    /// <summary>How many pages hold <paramref name="byteLength"/> bytes; 0 for none.</summary>
    public static long CountFor(long byteLength) => (byteLength + Size - 1) / Size;

    /// <inheritdoc/>
    public int CompareTo(PageNumber other) => Value.CompareTo(other.Value);

    /// <summary>Orders by position.</summary>
    public static bool operator <(PageNumber left, PageNumber right) => left.Value < right.Value;

    /// <summary>Orders by position.</summary>
    public static bool operator >(PageNumber left, PageNumber right) => left.Value > right.Value;

    /// <summary>Orders by position.</summary>
    public static bool operator <=(PageNumber left, PageNumber right) => left.Value <= right.Value;

    /// <summary>Orders by position.</summary>
    public static bool operator >=(PageNumber left, PageNumber right) => left.Value >= right.Value;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"p{Value:x}");
}
