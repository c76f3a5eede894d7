using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;

namespace Runtime.Bench.Resident;

/// <summary>A page at a time, out of the memory and into it.</summary>
public class BulkCopies : ResidentMemory
{
    private const string Reading = "copy 4 KiB out";
    private const string Writing = "copy 4 KiB in";
    private const int Page = 4096;
    private const int Count = Bytes / Page;

    private readonly long[] _page = new long[Page / sizeof(long)];

    private Span<byte> PageBytes => MemoryMarshal.AsBytes(_page.AsSpan());

    /// <inheritdoc cref="ResidentMemory.OpenMemoryMappedFile"/>
    [GlobalSetup(Targets = [nameof(ReadMapped), nameof(WriteMapped)])]
    public void SetUpMapped() => OpenMemoryMappedFile();

    /// <inheritdoc cref="ResidentMemory.OpenContainer"/>
    [GlobalSetup(Targets = [nameof(ReadView), nameof(WriteView)])]
    public void SetUpView() => OpenContainer();

    [Peer(Reading, "array", Count)]
    public void ReadArray()
    {
        for (int start = 0; start < Array.Length; start += _page.Length)
        {
            Array.AsSpan(start, _page.Length).CopyTo(_page);
        }
    }

    [Peer(Reading, "MemoryMappedViewAccessor", Count)]
    public void ReadMapped()
    {
        for (long offset = 0; offset < Bytes; offset += Page)
        {
            Accessor.ReadArray(offset, _page, 0, _page.Length);
        }
    }

    [Peer(Reading, "Katydid", Count, Way = "accessor")]
    public void ReadView()
    {
        for (long offset = 0; offset < Bytes; offset += Page)
        {
            View.Read(offset, PageBytes);
        }
    }

    [Peer(Writing, "array", Count)]
    public void WriteArray()
    {
        for (int start = 0; start < Array.Length; start += _page.Length)
        {
            _page.CopyTo(Array.AsSpan(start, _page.Length));
        }
    }

    [Peer(Writing, "MemoryMappedViewAccessor", Count)]
    public void WriteMapped()
    {
        for (long offset = 0; offset < Bytes; offset += Page)
        {
            Accessor.WriteArray(offset, _page, 0, _page.Length);
        }
    }

    [Peer(Writing, "Katydid", Count, Way = "accessor")]
    public void WriteView()
    {
        for (long offset = 0; offset < Bytes; offset += Page)
        {
            View.Write(offset, PageBytes);
        }
    }
}
