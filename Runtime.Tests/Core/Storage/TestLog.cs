using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Storage;

/// <summary>A log in memory that knows what was flushed, and fails when it is told to.</summary>
internal sealed class TestLog : IKernelLog
{
    private readonly List<KernelLogRecord> _records;
    private int _flushed;

    internal TestLog(IEnumerable<KernelLogRecord>? records = null)
    {
        _records = [.. records ?? []];
        _flushed = _records.Count;
        Records = [.. _records];
    }

    public bool IsReadOnly { get; set; }

    public IReadOnlyList<KernelLogRecord> Records { get; }

    public long Blocks { get; set; }

    public long CompactedBlocks { get; private set; }

    /// <summary>Whether the next flushes fail.</summary>
    internal bool Fails { get; set; }

    /// <summary>What is there after a crash.</summary>
    internal IReadOnlyList<KernelLogRecord> Flushed => _records[.._flushed];

    public void Append(in KernelLogRecord record)
    {
        _records.Add(record with { Payload = record.Payload.ToArray() });
        Blocks++;
    }

    public void Flush()
    {
        if (Fails)
        {
            IsReadOnly = true;
            throw new VolumeException(Status.IoError, "simulated");
        }

        _flushed = _records.Count;
    }

    public void Compact(IReadOnlyCollection<KernelLogRecord> live)
    {
        _records.Clear();
        _records.AddRange(live);
        _flushed = _records.Count;
        Blocks = CompactedBlocks = _records.Count;
    }

    public void Dispose()
    {
    }
}
