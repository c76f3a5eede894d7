using System.Globalization;

namespace Runtime.Core;

/// <summary>An opaque name chosen by its receiver: a manager picks one for each container it takes on.</summary>
public readonly record struct Token(ulong Value)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"t{Value:x}");
}
