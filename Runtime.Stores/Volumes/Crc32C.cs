using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Runtime.Stores.Volumes;

/// <summary>
/// CRC-32C (Castagnoli, reflected 0x82F63B78), by the processor's own instruction where there is one.
/// </summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] s_table = CreateTable();

    public static uint Compute(ReadOnlySpan<byte> bytes)
    {
        if (Sse42.X64.IsSupported)
        {
            return ~WithSse42(uint.MaxValue, bytes);
        }

        return ~(Crc32.Arm64.IsSupported ? WithArm(uint.MaxValue, bytes) : WithTable(uint.MaxValue, bytes));
    }

    /// <summary>The same without special instructions; the tests hold the two against each other.</summary>
    internal static uint ComputeInSoftware(ReadOnlySpan<byte> bytes) => ~WithTable(uint.MaxValue, bytes);

    private static uint WithSse42(uint crc, ReadOnlySpan<byte> bytes)
    {
        ulong wide = crc;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            wide = Sse42.X64.Crc32(wide, word);
        }

        crc = (uint)wide;
        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = Sse42.Crc32(crc, value);
        }

        return crc;
    }

    private static uint WithArm(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = Crc32.Arm64.ComputeCrc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte value in bytes)
        {
            crc = Crc32.ComputeCrc32C(crc, value);
        }

        return crc;
    }

    private static uint WithTable(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            crc = s_table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] CreateTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
            }

            table[i] = entry;
        }

        return table;
    }
}
