using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Remembers which blocks were read.</summary>
internal sealed class RecordingDisk(IDisk disk) : IDisk
{
    public HashSet<long> Reads { get; } = [];

    public long BlockCount => disk.BlockCount;

    public bool IsReadOnly => disk.IsReadOnly;

    public void ReadBlocks(BlockNumber first, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length / IDisk.BlockSize; i++)
        {
            Reads.Add(first.Value + i);
        }

        disk.ReadBlocks(first, destination);
    }

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source) => disk.WriteBlocks(first, source);

    public void Flush() => disk.Flush();

    public void Dispose() => disk.Dispose();
}
