using System.Buffers.Binary;

namespace Runtime.Stores.Volumes;

/// <summary>
/// A persistent radix tree from an index to a leaf block: 256 ways per level, only as high as its indices need.
/// </summary>
internal readonly record struct TreeRoot(BlockPointer Pointer, int Height)
{
    public static TreeRoot Empty => default;

    public bool IsEmpty => Pointer.IsHole;

    /// <summary>How many leaves a tree of a height has room for.</summary>
    public static ulong Capacity(int height) => 1UL << (height * Format.Tree.BitsPerLevel);

    public static int HeightFor(ulong index)
    {
        int height = 0;
        while (index >= Capacity(height))
        {
            height++;
        }

        return height;
    }

    /// <summary>The slot of a node at <paramref name="height"/> that leads to <paramref name="index"/>.</summary>
    public static int Slot(ulong index, int height) =>
        (int)(index >> ((height - 1) * Format.Tree.BitsPerLevel)) & (Format.Tree.Fanout - 1);

    /// <returns>False if no writer makes such a root.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out TreeRoot root)
    {
        uint height = BinaryPrimitives.ReadUInt32LittleEndian(source[Format.Tree.Height..]);
        root = new TreeRoot(BlockPointer.Read(source), (int)Math.Min(height, int.MaxValue));
        return height <= Format.Tree.MaxHeight && !root.Pointer.IsMalformed && (!root.IsEmpty || height == 0);
    }

    public void Write(Span<byte> destination)
    {
        Pointer.Write(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Format.Tree.Height..], (uint)Height);
    }
}
