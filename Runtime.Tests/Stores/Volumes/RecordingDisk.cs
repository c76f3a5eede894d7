using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Remembers which blocks were read, and which were written.</summary>
internal sealed class RecordingDisk(IDisk disk) : IDisk
{
    public HashSet<long> Reads { get; } = [];

    public HashSet<long> Writes { get; } = [];

    public long BlockCount => disk.BlockCount;

    public bool IsReadOnly => disk.IsReadOnly;

    public void ReadBlocks(BlockNumber first, Span<byte> destination)
    {
        Record(Reads, first, destination.Length);
        disk.ReadBlocks(first, destination);
    }

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        Record(Writes, first, source.Length);
        disk.WriteBlocks(first, source);
    }

    public void Allocate(BlockNumber first, long count) => disk.Allocate(first, count);

    public void Flush() => disk.Flush();

    public void Dispose() => disk.Dispose();

    private static void Record(HashSet<long> blocks, BlockNumber first, int byteCount)
    {
        for (int i = 0; i < byteCount / IDisk.BlockSize; i++)
        {
            blocks.Add(first.Value + i);
        }
    }
}
