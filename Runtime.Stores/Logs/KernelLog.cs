using System.Buffers;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Storage;

namespace Runtime.Stores.Logs;

/// <summary>The log in a file: batches of records one behind the other, each begun in a fresh block.</summary>
/// <remarks>
/// Thread safe. A flush writes one batch behind the others and needs one flush of the disk: the tail is found by what
/// the blocks say of themselves. A compaction writes the new log to room that the old one does not take, flushes, and
/// then lets a header lead to it (docs/format.md). Flushes that wait for another one share the next.
/// </remarks>
internal sealed class KernelLog : IKernelLog
{
    // Room is got in pieces, so that most flushes do not change the file's length.
    private const int GrowthBlocks = 32;
    private const int MaxPendingBytes = 1 << 30;

    private readonly IDisk _disk;
    private readonly LogHeaders _headers;
    private readonly Lock _writing = new();         // held while blocks are written; taken before _gate
    private readonly Lock _gate = new();            // guards the fields below

    private ArrayBufferWriter<byte> _pending = new();
    private ArrayBufferWriter<byte> _spare = new();
    private long _end;
    private VolumeException? _failure;
    private bool _isDisposed;

    private KernelLog(IDisk disk, LogHeaders headers, LogContent content, bool isReadOnly)
    {
        _disk = disk;
        _headers = headers;
        _end = content.End;
        Records = content.Records;
        IsOpenedReadOnly = isReadOnly;
    }

    public IReadOnlyList<KernelLogRecord> Records { get; }

    public bool IsReadOnly => IsOpenedReadOnly || Volatile.Read(ref _failure) is not null;

    public long Blocks
    {
        get
        {
            lock (_gate)
            {
                return _end + LogBlock.CountFor(_pending.WrittenCount);
            }
        }
    }

    public long CompactedBlocks => _headers.Newest.Compacted;

    private bool IsOpenedReadOnly { get; }

    /// <summary>Opens the log on a disk, which it takes over; for writing, it is made where there is none.</summary>
    /// <param name="disk">The file.</param>
    /// <param name="isReadOnly">Whether nothing of it may be written, perhaps because somebody else writes it.</param>
    /// <param name="flushNames">Makes the file's name durable.</param>
    /// <returns>Null if there is none to be read.</returns>
    /// <exception cref="VolumeException">It is damaged, or of another format; nothing was written.</exception>
    public static KernelLog? Open(IDisk disk, bool isReadOnly, Action? flushNames = null)
    {
        try
        {
            KernelLog? log = isReadOnly ? OpenToRead(disk) : OpenToWrite(disk, flushNames);
            if (log is null)
            {
                disk.Dispose();
            }

            return log;
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    public void Append(in KernelLogRecord record)
    {
        ThrowIfTooLong(record);
        int size = LogRecords.SizeOf(record);
        lock (_gate)
        {
            ThrowIfClosedUnsynchronized();
            if (_pending.WrittenCount > MaxPendingBytes - size)
            {
                throw new VolumeException(Status.NoResources, "kernel.log holds too much that was never flushed");
            }

            Span<byte> target = _pending.GetSpan(size)[..size];
            LogRecords.WriteHeader(target, record);
            record.Payload.Span.CopyTo(target[LogFormat.Record.Size..]);
            _pending.Advance(size);
        }
    }

    public void Flush()
    {
        lock (_writing)
        {
            ArrayBufferWriter<byte> taken;
            long end;
            lock (_gate)
            {
                ThrowIfDisposedOrFailedUnsynchronized();
                if (_pending.WrittenCount == 0)
                {
                    return;
                }

                end = _end + LogBlock.CountFor(_pending.WrittenCount);
                (taken, _pending, _spare) = (_pending, _spare, null!);
            }

            try
            {
                Reserve(_headers.Newest.Start + end);
                var batch = new LogBlock(_headers.Newest.Sequence, _end, _end, (uint)taken.WrittenCount);
                var writer = new LogBatchWriter(_disk, _headers.Newest.Start, batch);
                writer.Add(taken.WrittenSpan);
                writer.End();
            }
            catch
            {
                PutBack(taken);
                throw;
            }

            Settle(_disk.Flush);
            lock (_gate)
            {
                _end = end;
                taken.ResetWrittenCount();
                _spare = taken;
            }
        }
    }

    public void Compact(IReadOnlyCollection<KernelLogRecord> live)
    {
        ArgumentNullException.ThrowIfNull(live);
        KernelLogRecord[] records = [.. live];
        long bytes = 0;
        foreach (ref readonly KernelLogRecord record in records.AsSpan())
        {
            ThrowIfTooLong(record);
            bytes += LogRecords.SizeOf(record);
        }

        lock (_writing)
        {
            lock (_gate)
            {
                ThrowIfClosedUnsynchronized();
                CompactUnsynchronized(records, bytes);
            }
        }
    }

    /// <summary>Closes it; what was not flushed is given up.</summary>
    /// <remarks>
    /// A header says that what was flushed is durable, so that damage to the last of it is found, too. If that header
    /// is lost nothing else is, so nothing is flushed for it.
    /// </remarks>
    public void Dispose()
    {
        lock (_writing)
        {
            lock (_gate)
            {
                if (_isDisposed)
                {
                    return;
                }

                _isDisposed = true;
                if (!IsReadOnly && _end > _headers.Newest.Durable)
                {
                    TryWriteHeader();
                }
            }
        }

        _disk.Dispose();
    }

    private static KernelLog? OpenToRead(IDisk disk)
    {
        if (LogContent.ReadBesideWriter(disk) is not { } content)
        {
            return null;
        }

        content.ThrowIfDamaged();
        return new KernelLog(disk, new LogHeaders(disk, content.Header), content, isReadOnly: true);
    }

    private static KernelLog OpenToWrite(IDisk disk, Action? flushNames)
    {
        if (LogHeaders.IsVacant(disk))
        {
            // First the name: where there is a header, it is durable, whatever interrupts this.
            flushNames?.Invoke();
            var empty = new LogContent(LogHeader.First, Records: [], Last: 0, End: 0, Damage: null);
            return new KernelLog(disk, LogHeaders.Create(disk), empty, isReadOnly: false);
        }

        LogHeaders headers = LogHeaders.Read(disk);
        LogContent content = new LogScan(disk, headers.Newest).Run();
        content.ThrowIfDamaged();

        // After a kill, or a flush that failed, the header and the newest batch may exist only in the page cache, and
        // clean there. Written again as they are, they are durable before anything is built on them.
        headers.RewriteCopy();
        if (content.End > headers.Newest.Durable)
        {
            Rewrite(disk, headers.Newest.Start + content.Last, headers.Newest.Start + content.End);
        }

        disk.Flush();

        // Under another number nothing that an interrupted writer left behind the tail can be taken for ours.
        headers.Write(headers.Newest with { Sequence = headers.Newest.Sequence + 1, Durable = content.End });
        return new KernelLog(disk, headers, content, isReadOnly: false);
    }

    private static void Rewrite(IDisk disk, long from, long to)
    {
        const int RunBlocks = 16;
        var run = new byte[RunBlocks * LogFormat.BlockSize];
        for (; from < to; from += RunBlocks)
        {
            Span<byte> blocks = run.AsSpan(0, (int)Math.Min(RunBlocks, to - from) * LogFormat.BlockSize);
            disk.ReadBlocks(new BlockNumber(from), blocks);
            disk.WriteBlocks(new BlockNumber(from), blocks);
        }
    }

    private static void ThrowIfTooLong(in KernelLogRecord record) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThan(record.Payload.Length, IKernelLog.MaxPayload, nameof(record));

    private void CompactUnsynchronized(KernelLogRecord[] records, long bytes)
    {
        LogHeader old = _headers.Newest;
        long blocks = LogBlock.CountFor(bytes);

        // Never where the old log starts, even if that is empty: an attempt that fails would look like its batches.
        bool fitsBefore = blocks <= old.Start - LogFormat.Header.Blocks;
        long start = fitsBefore ? LogFormat.Header.Blocks : old.Start + Math.Max(_end, 1);
        var next = new LogHeader(old.Sequence + 1, start, Durable: blocks, Compacted: blocks);
        if (blocks > 0)
        {
            Reserve(start + blocks);
            var writer = new LogBatchWriter(_disk, start, new LogBlock(next.Sequence, 0, 0, (uint)bytes));
            Span<byte> header = stackalloc byte[LogFormat.Record.Size];
            foreach (ref readonly KernelLogRecord record in records.AsSpan())
            {
                LogRecords.WriteHeader(header, record);
                writer.Add(header);
                writer.Add(record.Payload.Span);
            }

            writer.End();
            Settle(_disk.Flush);
        }

        Settle(() => _headers.Write(next));
        _end = blocks;
        _pending.ResetWrittenCount();
    }

    /// <summary>Makes sure that writing blocks before <paramref name="end"/> cannot fail for want of room.</summary>
    private void Reserve(long end)
    {
        if (end > LogFormat.MaxBlocks)
        {
            throw new VolumeException(Status.NoResources, $"kernel.log has no more than {LogFormat.MaxBlocks} blocks");
        }

        long count = _disk.BlockCount;
        if (end > count)
        {
            _disk.Allocate(new BlockNumber(count), end - count + GrowthBlocks - 1);
        }
    }

    /// <summary>Does what leaves unknown what is durable if it fails: the log is then closed for writing.</summary>
    private void Settle(Action write)
    {
        try
        {
            write();
        }
        catch (VolumeException e)
        {
            Volatile.Write(ref _failure, e);
            throw;
        }
    }

    /// <summary>What could not be written is still to be flushed, before what was appended meanwhile.</summary>
    private void PutBack(ArrayBufferWriter<byte> taken)
    {
        lock (_gate)
        {
            taken.Write(_pending.WrittenSpan);
            _pending.ResetWrittenCount();
            (_pending, _spare) = (taken, _pending);
        }
    }

    private void TryWriteHeader()
    {
        try
        {
            LogHeader newest = _headers.Newest;
            _headers.Put(newest with { Sequence = newest.Sequence + 1, Durable = _end });
        }
        catch (VolumeException)
        {
            // Nothing is lost by it: the header before is whole, and leads to all that was flushed.
        }
    }

    private void ThrowIfClosedUnsynchronized()
    {
        ThrowIfDisposedOrFailedUnsynchronized();
        if (IsOpenedReadOnly)
        {
            throw new VolumeException(Status.PermissionDenied, "kernel.log is open for reading only");
        }
    }

    private void ThrowIfDisposedOrFailedUnsynchronized()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_failure is { } failure)
        {
            throw new VolumeException(
                failure.Status, $"kernel.log is closed for writing after a failed flush: {failure.Message}", failure);
        }
    }
}
