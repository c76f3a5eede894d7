using System.Buffers.Binary;
using Runtime.Core;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Content of which each word tells where it belongs.</summary>
internal static class Pattern
{
    public static void Fill(long offset, Span<byte> destination)
    {
        Span<byte> word = stackalloc byte[8];
        for (int i = 0; i < destination.Length; i += 8)
        {
            BinaryPrimitives.WriteInt64LittleEndian(word, (offset + i) * 0x9E3779B97F4A7C1L);
            word[..Math.Min(8, destination.Length - i)].CopyTo(destination[i..]);
        }
    }

    public static void FillPage(int page, Span<byte> destination) =>
        Fill(page * (long)PageNumber.Size, destination);

    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        Fill(0, bytes);
        return bytes;
    }
}
