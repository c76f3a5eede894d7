using System.Buffers.Binary;
using NUnit.Framework;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>
/// What a handler must not meet: a symbol bound at its first call, or thread state allocated at its first touch.
/// </summary>
[Platform("Linux")]
public class TrapLibraryFileTests
{
    // elf.h
    private const int PT_DYNAMIC = 2;
    private const ulong DT_FLAGS = 30;
    private const ulong DT_BIND_NOW = 24;
    private const ulong DT_TEXTREL = 22;
    private const ulong DF_BIND_NOW = 0x8;
    private const ulong DF_STATIC_TLS = 0x10;

    [Test]
    public void All_symbols_are_bound_when_the_library_is_loaded()
    {
        Dictionary<ulong, ulong> entries = ReadDynamicSection();
        Assert.That((Flags(entries) & DF_BIND_NOW) != 0 || entries.ContainsKey(DT_BIND_NOW), Is.True);
        Assert.That(entries.Keys, Has.No.Member(DT_TEXTREL));
    }

    [Test]
    public void Thread_state_is_initial_exec() =>
        Assert.That(Flags(ReadDynamicSection()) & DF_STATIC_TLS, Is.Not.Zero);

    private static ulong Flags(Dictionary<ulong, ulong> entries) => entries.GetValueOrDefault(DT_FLAGS);

    private static Dictionary<ulong, ulong> ReadDynamicSection()
    {
        byte[] file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libkatydid_trap.so"));
        int headers = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(32));
        int headerSize = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(54));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(56));
        var entries = new Dictionary<ulong, ulong>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = file.AsSpan(headers + i * headerSize, headerSize);
            if (BinaryPrimitives.ReadInt32LittleEndian(header) != PT_DYNAMIC)
            {
                continue;
            }

            int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
            for (int at = offset; at < offset + length; at += 16)
            {
                entries[BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at))] =
                    BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8));
            }
        }

        Assert.That(entries, Is.Not.Empty);
        return entries;
    }
}
