using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Runtime.Bench.Reports;
using Runtime.Bench.Storage;
using Runtime.Core;

namespace Runtime.Bench.Snapshots;

/// <summary>The floor: as many bytes as are dirty, appended to a file in large pieces, and <c>fdatasync</c>.</summary>
internal sealed class AppendSide(string path) : DirtySide(Peers.Append)
{
    private const int Piece = 1 << 20;

    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
    private readonly byte[] _content = new byte[Piece];
    private long _end;

    internal override void Write(long[] pages, long value) => Array.Fill(_content, (byte)value);

    internal override Saved Save(long[] pages)
    {
        long began = Stopwatch.GetTimestamp();
        long bytes = (long)pages.Length * PageNumber.Size;
        for (long left = bytes; left > 0; left -= Piece)
        {
            int count = (int)Math.Min(left, Piece);
            RandomAccess.Write(_file, _content.AsSpan(0, count), _end);
            _end += count;
        }

        PageCache.Flush(_file);
        return new Saved(CutNs: null, Timing.Since(began), bytes);
    }

    public override void Dispose() => _file.Dispose();
}
