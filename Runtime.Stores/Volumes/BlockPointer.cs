using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Runtime.Stores.Volumes;

/// <summary>Where a block is, when it was born and what its bytes must add up to.</summary>
internal readonly record struct BlockPointer(long Block, long Birth, uint Checksum)
{
    public static BlockPointer Hole => default;

    public bool IsHole => Block == 0;

    /// <summary>Whether it is a hole with something else beside: no writer makes that.</summary>
    public bool IsMalformed => Block == 0 && (Birth != 0 || Checksum != 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BlockPointer Read(ReadOnlySpan<byte> source)
    {
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(source);
        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]);
        return new BlockPointer(
            Block: (long)(low & Format.MaxUInt48),
            Birth: (long)((low >> 48) | ((high & 0xFFFF_FFFF) << 16)),
            Checksum: (uint)(high >> 32));
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, (ulong)Block | ((ulong)Birth << 48));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], ((ulong)Birth >> 16) | ((ulong)Checksum << 32));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"b{Block:x} born {Birth} checksum {Checksum:x8}");
}
