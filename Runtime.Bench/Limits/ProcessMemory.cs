using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Runtime.Bench.Limits;

/// <summary>
/// What the system says that this process has in memory. A page that is mapped twice counts once: each mapping's share
/// is half of it.
/// </summary>
/// <param name="Shared">Bytes of sections, and of code, which the runtime maps twice as well.</param>
/// <param name="Native">Bytes of stacks and native allocations.</param>
/// <param name="Heap">Bytes of the managed heap, garbage included.</param>
/// <param name="Files">Bytes of mapped files.</param>
internal readonly record struct ProcessMemory(long Shared, long Native, long Heap, long Files)
{
    private const int BytesPerKb = 1024;

    private static readonly SafeFileHandle s_file = File.OpenHandle("/proc/self/smaps_rollup");
    private static readonly byte[] s_text = new byte[4096];         // allocated once: to look must not fill the heap

    /// <summary>Not thread safe.</summary>
    internal static ProcessMemory Now()
    {
        Span<byte> text = s_text.AsSpan(0, RandomAccess.Read(s_file, s_text, fileOffset: 0));
        // What is committed is known as of the last collection, and has grown since by what was allocated.
        long heap = Math.Max(
            GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false));
        return new ProcessMemory(
            Field(text, "Pss_Shmem:"u8), Field(text, "Pss_Anon:"u8) - heap, heap, Field(text, "Pss_File:"u8));
    }

    private static long Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = text[(text.IndexOf(name) + name.Length)..].TrimStart((byte)' ');
        return Utf8Parser.TryParse(rest, out long kb, out _)
            ? kb * BytesPerKb
            : throw new InvalidDataException("/proc/self/smaps_rollup has another form than expected");
    }
}
