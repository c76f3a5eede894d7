using Runtime.Core.Capabilities;
using Runtime.Core.Memory;

namespace Runtime.Core.Disks;

/// <summary>An open disk as something that capabilities are for.</summary>
/// <remarks>Thread safe as far as the disk is. Closed when nobody uses it any more.</remarks>
internal sealed class DiskEntity(ulong id, string name, IDisk disk) : Entity(id)
{
    private readonly InFlight _calls = new();

    internal override EntityType Type => EntityType.Disk;

    internal string Name => name;

    internal Status Read(BlockNumber first, Span<byte> destination) =>
        Make(first, destination, static (disk, first, destination) => disk.ReadBlocks(first, destination));

    internal Status Write(BlockNumber first, ReadOnlySpan<byte> source) =>
        Make(first, source, static (disk, first, source) => disk.WriteBlocks(first, source));

    internal Status Flush() => Make(first: default, 0, static (disk, _, _) => disk.Flush());

    /// <summary>Lets no call begin any more, waits for those under way, and closes the disk.</summary>
    internal void Close()
    {
        if (_calls.TryClose())
        {
            _calls.WaitUntilEmpty(int.MaxValue);
            disk.Dispose();
        }
    }

    /// <summary>Makes one call of the disk.</summary>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/> if it was closed meanwhile, or what the disk
    /// said.
    /// </returns>
    private Status Make<T>(BlockNumber first, T blocks, Action<IDisk, BlockNumber, T> call)
        where T : allows ref struct
    {
        if (!_calls.TryEnter())
        {
            return Status.InvalidCapRef;
        }

        try
        {
            call(disk, first, blocks);
            return Status.Success;
        }
        catch (VolumeException failure)
        {
            return failure.Status;
        }
        finally
        {
            _calls.Leave();
        }
    }
}
