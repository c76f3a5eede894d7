using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Core.Snapshots;

namespace OwnManager;

/// <summary>
/// Pages in a file, one after the other as they were saved, and after those of a snapshot a mark that makes them valid.
/// </summary>
/// <remarks>
/// Thread safe. What follows the last mark was never completed, and is cut off when the log is opened. A log only
/// grows: to leave out what was superseded would be the next thing to build.
/// </remarks>
internal sealed class PageLog : IDisposable
{
    private readonly Lock _lock = new();                            // guards _positions
    private readonly Dictionary<PageNumber, long> _positions = [];  // of the newest content of each page
    private readonly SafeFileHandle _file;
    private long _end;                                              // only whoever saves changes it

    private PageLog(SafeFileHandle file) => _file = file;

    /// <summary>The last snapshot that is complete; null before the first.</summary>
    internal SnapshotInfo? Newest { get; private set; }

    internal static PageLog Open(string folder, ulong id)
    {
        Directory.CreateDirectory(folder);
        string name = id.ToString(CultureInfo.InvariantCulture) + ".log";
        var log = new PageLog(File.OpenHandle(
            Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        log.FindPages();
        return log;
    }

    /// <summary>A page that was never saved is left as it is.</summary>
    internal void Read(PageNumber page, Span<byte> destination)
    {
        long position;
        lock (_lock)
        {
            if (!_positions.TryGetValue(page, out position))
            {
                return;
            }
        }

        if (RandomAccess.Read(_file, destination, position) != destination.Length)
        {
            throw new EndOfStreamException($"the log ends within {page}");
        }
    }

    internal void Append(PageNumber page, ReadOnlySpan<byte> content)
    {
        Write(new Header { Page = page.Value }, content);
        lock (_lock)
        {
            _positions[page] = _end - content.Length;
        }
    }

    /// <summary>Makes all that was appended valid, and durable: the pages first, the mark after them.</summary>
    internal void Commit(SnapshotInfo info)
    {
        RandomAccess.FlushToDisk(_file);
        var mark = new Header
        {
            Page = Header.Mark,
            Interval = info.Interval.Value,
            Ticks = info.Time.UtcTicks,
            Length = info.Length,
            PagesChanged = info.PagesChanged,
        };
        Write(mark, content: []);
        RandomAccess.FlushToDisk(_file);
        Newest = info;
    }

    public void Dispose() => _file.Dispose();

    private void Write(Header header, ReadOnlySpan<byte> content)
    {
        RandomAccess.Write(_file, MemoryMarshal.AsBytes(new ReadOnlySpan<Header>(in header)), _end);
        RandomAccess.Write(_file, content, _end + Header.Size);
        _end += Header.Size + content.Length;
    }

    private void FindPages()
    {
        long length = RandomAccess.GetLength(_file);
        var unmarked = new List<(PageNumber Page, long Position)>();
        Header header = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<Header>(ref header));
        for (long position = 0; position + Header.Size <= length;)
        {
            RandomAccess.Read(_file, bytes, position);
            position += Header.Size;
            if (header.Page != Header.Mark)
            {
                unmarked.Add((new PageNumber(header.Page), position));
                position += PageNumber.Size;
                continue;
            }

            unmarked.ForEach(each => _positions[each.Page] = each.Position);
            unmarked.Clear();
            _end = position;
            Newest = new SnapshotInfo(
                new StateInterval(header.Interval),
                new DateTimeOffset(header.Ticks, TimeSpan.Zero),
                header.Length,
                header.PagesChanged);
        }

        RandomAccess.SetLength(_file, _end);
    }

    /// <summary>Stands before a page, or is a mark; never lies in two sectors, so it is written whole or not.</summary>
    [StructLayout(LayoutKind.Sequential, Size = Size)]
    private struct Header
    {
        internal const int Size = 64;
        internal const ulong Mark = ulong.MaxValue;

        internal ulong Page;
        internal ulong Interval;
        internal long Ticks;
        internal long Length;
        internal long PagesChanged;
    }
}
