using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>
/// What a handler must not meet: a symbol bound at its first call, or thread state allocated at its first touch.
/// </summary>
[LinuxOnly]
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

    /// <summary>"No lock, allocation or stdio in a handler": the library does not even import any.</summary>
    [Test]
    public void Nothing_is_imported_that_locks_allocates_or_does_stdio()
    {
        string[] asyncSignalSafe =
        [
            "__errno_location", "_dl_find_object", "clock_gettime", "close", "getpid", "ioctl", "open", "pread",
            "sigaction", "sigaltstack", "strcmp", "strlen", "strncmp", "syscall", "write",
        ];
        string[] outsideOfTheHandler =
        [
            "__libc_current_sigrtmin", "dl_iterate_phdr", "readlink", "sigaddset",      // installing
            "pthread_self", "pthread_getattr_np", "pthread_attr_getstack", "pthread_attr_destroy",  // the trampoline
            "strncpy", "memset", "memcpy", "memmove",
        ];
        string[] madeByTheCompiler =
            ["__cxa_finalize", "__gmon_start__", "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable"];
        IReadOnlyCollection<string> imported = ReadImports();
        Assert.That(imported, Has.Member("syscall"));
        Assert.That(imported.Except([.. asyncSignalSafe, .. outsideOfTheHandler, .. madeByTheCompiler]), Is.Empty);
    }

    private static List<string> ReadImports()
    {
        const uint SHT_DYNSYM = 11;
        byte[] file = ReadFile();
        int headers = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(40));
        int headerSize = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(58));
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(60));
        ReadOnlySpan<byte> Header(int index) => file.AsSpan(headers + (index * headerSize), headerSize);
        static int Offset(ReadOnlySpan<byte> header) => (int)BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        var imports = new List<string>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = Header(i);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != SHT_DYNSYM)
            {
                continue;
            }

            int end = Offset(header) + (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
            int names = Offset(Header((int)BinaryPrimitives.ReadUInt32LittleEndian(header[40..])));
            for (int at = Offset(header) + 24; at < end; at += 24)
            {
                if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at + 6)) == 0)
                {
                    int name = names + (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
                    imports.Add(Encoding.ASCII.GetString(file, name, file.AsSpan(name).IndexOf((byte)0)));
                }
            }
        }

        return imports;
    }

    private static byte[] ReadFile() =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libkatydid_trap.so"));

    private static ulong Flags(Dictionary<ulong, ulong> entries) => entries.GetValueOrDefault(DT_FLAGS);

    private static Dictionary<ulong, ulong> ReadDynamicSection()
    {
        byte[] file = ReadFile();
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
