using Runtime.Core.Disks;

namespace Runtime.Stores.Logs;

/// <summary>Writes the blocks of one batch; the caller has room for them, and flushes.</summary>
/// <param name="disk">Where.</param>
/// <param name="start">The log's first block.</param>
/// <param name="batch">Its first block.</param>
internal sealed class LogBatchWriter(IDisk disk, long start, LogBlock batch)
{
    private const int RunBlocks = 16;

    private readonly byte[] _run = new byte[(int)Math.Min(batch.Count, RunBlocks) * LogFormat.BlockSize];
    private long _index = batch.First;
    private int _blocks;                            // whole ones in the run
    private int _filled = LogFormat.Block.Content;  // of the block behind them

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = Math.Min(bytes.Length, LogFormat.BlockSize - _filled);
            bytes[..count].CopyTo(_run.AsSpan((_blocks * LogFormat.BlockSize) + _filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == LogFormat.BlockSize)
            {
                EndBlock();
            }
        }
    }

    /// <summary>Writes what is left.</summary>
    public void End()
    {
        if (_filled > LogFormat.Block.Content)
        {
            EndBlock();
        }

        WriteRun();
    }

    private void EndBlock()
    {
        Span<byte> block = _run.AsSpan(_blocks * LogFormat.BlockSize, LogFormat.BlockSize);
        block[_filled..].Clear();
        (batch with { Index = _index + _blocks }).Encode(block);
        _filled = LogFormat.Block.Content;
        _blocks++;
        if (_blocks * LogFormat.BlockSize == _run.Length)
        {
            WriteRun();
        }
    }

    private void WriteRun()
    {
        if (_blocks > 0)
        {
            disk.WriteBlocks(new BlockNumber(start + _index), _run.AsSpan(0, _blocks * LogFormat.BlockSize));
            _index += _blocks;
            _blocks = 0;
        }
    }
}
