using System.Buffers.Binary;
using System.Text;
using Runtime.Core;

namespace Runtime.Tool.Demo;

/// <summary>What the demo writes where, so that every version's bytes are known without reading them back.</summary>
/// <remarks>
/// The file first; then one patch in its middle; then rounds, each of which overwrites the same scattered pages' first
/// bytes with its own number.
/// </remarks>
internal sealed class DemoContent(long length)
{
    // Enough for a kill to land in the middle of a round, few enough for a large file's round to stay short.
    private const int MaximumStamps = 2_000;
    private const int StampBytes = 16;

    private readonly long _stride =
        (PageNumber.CountFor(length) + MaximumStamps - 1) / MaximumStamps * PageNumber.Size;

    internal long PatchOffset => length / 2;

    internal byte[] Patch => ClipAt(PatchOffset, Encoding.ASCII.GetBytes("<<< patched by katydid >>>"));

    internal int StampCount => (int)((length + _stride - 1) / _stride);

    internal long StampOffset(int index) => index * _stride;

    internal byte[] Stamp(int index, long round)
    {
        byte[] bytes = new byte[StampBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, round);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long)), index);
        return ClipAt(StampOffset(index), bytes);
    }

    /// <summary>Turns bytes of the file into what they are after the patch and a round.</summary>
    /// <param name="offset">Where <paramref name="piece"/> begins in the file.</param>
    /// <param name="piece">The file's bytes.</param>
    /// <param name="round">The round; 0 for the patch alone.</param>
    internal void Apply(long offset, Span<byte> piece, long round)
    {
        Overlay(PatchOffset, Patch, offset, piece);
        if (round == 0)
        {
            return;
        }

        for (long index = Math.Max(0, (offset - StampBytes) / _stride); index < StampCount; index++)
        {
            if (StampOffset((int)index) >= offset + piece.Length)
            {
                return;
            }

            Overlay(StampOffset((int)index), Stamp((int)index, round), offset, piece);
        }
    }

    private static void Overlay(long position, ReadOnlySpan<byte> bytes, long offset, Span<byte> piece)
    {
        long from = Math.Max(position, offset);
        long to = Math.Min(position + bytes.Length, offset + piece.Length);
        if (from < to)
        {
            bytes[(int)(from - position)..(int)(to - position)].CopyTo(piece[(int)(from - offset)..]);
        }
    }

    private byte[] ClipAt(long offset, byte[] bytes) => bytes[..(int)Math.Min(bytes.Length, length - offset)];
}
