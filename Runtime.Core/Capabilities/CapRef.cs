using System.Globalization;

namespace Runtime.Core.Capabilities;

/// <summary>
/// Names a capability by where it lies: a table and a slot in it. It is a plain number; forging one finds at worst an
/// empty slot, or a capability that the caller has anyway.
/// </summary>
/// <remarks>
/// <see cref="CapRefType.Container"/> is looked up in the container where the locus executes <em>when the call is
/// made</em>: after an invocation the same CapRef means a slot of the new host. Only those of the locus keep their
/// meaning on the way. Source: docs/semantics.md, "Capabilities".
/// </remarks>
/// <param name="Type">Which table.</param>
/// <param name="Index">Which slot: less than <see cref="TableSize"/>.</param>
public readonly record struct CapRef(CapRefType Type, uint Index)
{
    /// <summary>The slots that a table can have.</summary>
    public const uint TableSize = 65_536;

    private const int TypeShift = 32;

    /// <summary>A slot of the locus's own table.</summary>
    public static CapRef Locus(uint index) => new(CapRefType.Locus, index);

    /// <summary>A slot of the table of the container in which the locus executes.</summary>
    public static CapRef Container(uint index) => new(CapRefType.Container, index);

    /// <summary>The CapRef that <see cref="ToUInt64"/> made a number of, for registers and argument blocks.</summary>
    /// <remarks>Any number is accepted; using a CapRef that names nothing fails.</remarks>
    public static CapRef FromUInt64(ulong value) => new((CapRefType)(value >> TypeShift), (uint)value);

    /// <summary>This CapRef as one number: type above, index below.</summary>
    public ulong ToUInt64() => ((ulong)(uint)Type << TypeShift) | Index;

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        CapRefType.Locus => string.Create(CultureInfo.InvariantCulture, $"locus:{Index}"),
        CapRefType.Container => string.Create(CultureInfo.InvariantCulture, $"container:{Index}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"?{(uint)Type}:{Index}"),
    };
}
