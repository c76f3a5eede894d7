using Runtime.Core.Disks;
using Runtime.Core.Storage;

namespace Runtime.Stores.Logs;

/// <summary>Reads a log from its start to its tail, and tells a torn tail from damage.</summary>
/// <remarks>
/// A batch is written when everything before it is durable, its header included, and says so. So what is not whole was
/// never flushed, unless the header, or a later batch, testifies that it was.
/// </remarks>
internal sealed class LogScan
{
    private const int RunBlocks = 16;

    private readonly IDisk _disk;
    private readonly LogHeader _header;
    private readonly long _count;
    private readonly List<KernelLogRecord> _records = [];
    private readonly byte[] _run = new byte[RunBlocks * LogFormat.BlockSize];
    private long _runFirst;
    private int _runCount;
    private long _epoch;
    private long _readAgain = -1;
    private LogDamage? _damage;

    public LogScan(IDisk disk, LogHeader header)
    {
        _disk = disk;
        _header = header;
        _count = Math.Min(disk.BlockCount, LogFormat.MaxBlocks) - header.Start;
    }

    public LogContent Run()
    {
        long last = 0;
        long end = 0;
        while (end < _count && ReadBatch(end) is > 0 and long count)
        {
            (last, end) = (end, end + count);
        }

        return new LogContent(_header, _records, last, end, _damage);
    }

    /// <returns>How many blocks it has; 0 if the log ends before it.</returns>
    private long ReadBatch(long first)
    {
        var batch = new LogRecords();
        if (LogBlock.Decode(Block(first)) is not { } begin || !MayBegin(begin, first))
        {
            return End(first, first);
        }

        long left = begin.Bytes;
        for (long index = first; index < first + begin.Count; index++)
        {
            ReadOnlySpan<byte> block = Block(index);
            if (LogBlock.Decode(block) != begin with { Index = index })
            {
                return End(first, index);
            }

            int bytes = (int)Math.Min(left, LogFormat.Block.Capacity);
            left -= bytes;
            if (!batch.TryAdd(block.Slice(LogFormat.Block.Content, bytes)) || (left == 0 && !batch.IsWhole))
            {
                _damage = new LogDamage(_header.Start + index, "its records cannot be");
                return 0;
            }
        }

        _records.AddRange(batch.Found);
        _epoch = begin.Epoch;
        return begin.Count;
    }

    private bool MayBegin(LogBlock block, long first) =>
        block.Index == first
        && block.First == first
        && block.Bytes > 0
        && block.Count <= (first < _header.Durable ? _header.Durable : _count) - first
        && (first < _header.Durable
            ? block.Epoch >= _epoch && block.Epoch <= _header.Sequence
            : block.Epoch == _header.Sequence);

    /// <summary>The log ends before a batch, or should not.</summary>
    private long End(long first, long index)
    {
        if (first < _header.Durable)
        {
            Damaged(index, "the header says that it was durable");
        }
        else if (FindWitness(first) is { } witness)
        {
            if (_readAgain != first)
            {
                // A writer may have written both since the first of them was read.
                (_readAgain, _runCount) = (first, 0);
                return ReadBatch(first);
            }

            Damaged(index, $"block {new BlockNumber(_header.Start + witness)} says that it was durable");
        }

        return 0;
    }

    private void Damaged(long index, string witness) =>
        _damage = new LogDamage(_header.Start + index, $"it is not as written, and {witness}");

    /// <summary>
    /// Finds a block that was written when the batch was durable, or under a newer header, which then is lost.
    /// </summary>
    private long? FindWitness(long first)
    {
        for (long index = first; index < _count; index++)
        {
            if (LogBlock.Decode(Block(index)) is { } block && block.Index == index
                && (block.Epoch > _header.Sequence || (block.Epoch == _header.Sequence && block.First > first)))
            {
                return index;
            }
        }

        return null;
    }

    private ReadOnlySpan<byte> Block(long index)
    {
        if (index < _runFirst || index >= _runFirst + _runCount)
        {
            int count = (int)Math.Min(RunBlocks, _count - index);
            _runCount = 0;
            _disk.ReadBlocks(
                new BlockNumber(_header.Start + index), _run.AsSpan(0, count * LogFormat.BlockSize));
            (_runFirst, _runCount) = (index, count);
        }

        return _run.AsSpan((int)(index - _runFirst) * LogFormat.BlockSize, LogFormat.BlockSize);
    }
}
