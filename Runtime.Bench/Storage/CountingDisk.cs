using Runtime.Core.Disks;
using Runtime.Stores.Disks;

namespace Runtime.Bench.Storage;

/// <summary>A file as a disk that counts what a volume writes to it.</summary>
internal sealed class CountingDisk(FileDisk file) : IDisk
{
    private long _bytesWritten;

    /// <summary>Bytes written so far; room that was only allocated does not count.</summary>
    internal long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Whether flushes are left out, while a volume is prepared that need not survive anything.</summary>
    internal bool IsFlushOmitted { get; set; }

    public long BlockCount => file.BlockCount;

    public bool IsReadOnly => file.IsReadOnly;

    public void ReadBlocks(BlockNumber first, Span<byte> destination) => file.ReadBlocks(first, destination);

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        Interlocked.Add(ref _bytesWritten, source.Length);
        file.WriteBlocks(first, source);
    }

    public void Allocate(BlockNumber first, long count) => ((IDisk)file).Allocate(first, count);

    public void Flush()
    {
        if (!IsFlushOmitted)
        {
            file.Flush();
        }
    }

    public void Dispose() => file.Dispose();
}
