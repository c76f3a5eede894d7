using Microsoft.Win32.SafeHandles;
using Runtime.Bench.Reports;
using Runtime.Core;

namespace Runtime.Bench.Reads;

/// <summary>A loop of <c>pread</c>, a page at a time.</summary>
internal sealed class PreadSide(string path) : ReadSide(Peers.Pread, path)
{
    private SafeFileHandle? _file;

    internal override void Open() => _file = File.OpenHandle(Path);

    internal override void Read(long page, Span<byte> destination)
    {
        if (RandomAccess.Read(_file!, destination, page * PageNumber.Size) != destination.Length)
        {
            throw new EndOfStreamException($"'{Path}' has no page {page}");
        }
    }

    public override void Dispose() => _file?.Dispose();
}
