using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Durability;

/// <summary>A disk whose process can be killed before any call that changes something; the system lives on.</summary>
internal sealed class MortalDisk(IDisk disk) : IDisk
{
    /// <summary>How many calls there will be until it is killed.</summary>
    public int CallsLeft { get; set; } = int.MaxValue;

    public long BlockCount => disk.BlockCount;

    public bool IsReadOnly => false;

    public void ReadBlocks(BlockNumber first, Span<byte> destination) => disk.ReadBlocks(first, destination);

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        Live();
        disk.WriteBlocks(first, source);
    }

    public void Allocate(BlockNumber first, long count)
    {
        Live();
        disk.Allocate(first, count);
    }

    public void Flush()
    {
        Live();
        disk.Flush();
    }

    public void Dispose()
    {
    }

    private void Live()
    {
        if (CallsLeft-- <= 0)
        {
            throw new VolumeException(Status.IoError, "simulated: killed");
        }
    }
}
