using System.Globalization;

namespace Runtime.Core.Disks;

/// <summary>The position of a block on a disk: an index, never a byte offset.</summary>
public readonly record struct BlockNumber(long Value)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"b{Value:x}");
}
