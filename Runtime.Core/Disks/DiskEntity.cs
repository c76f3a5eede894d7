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

    /// <summary>Makes one call of the disk.</summary>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/> if it was closed meanwhile, or what the disk
    /// said.
    /// </returns>
    internal Status Read(BlockNumber first, Span<byte> destination)
    {
        if (!_calls.TryEnter())
        {
            return Status.InvalidCapRef;
        }

        try
        {
            disk.ReadBlocks(first, destination);
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

    /// <inheritdoc cref="Read"/>
    internal Status Write(BlockNumber first, ReadOnlySpan<byte> source)
    {
        if (!_calls.TryEnter())
        {
            return Status.InvalidCapRef;
        }

        try
        {
            disk.WriteBlocks(first, source);
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

    /// <inheritdoc cref="Read"/>
    internal Status Flush()
    {
        if (!_calls.TryEnter())
        {
            return Status.InvalidCapRef;
        }

        try
        {
            disk.Flush();
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

    /// <summary>Lets no call begin any more, waits for those under way, and closes the disk.</summary>
    internal void Close()
    {
        if (_calls.TryClose())
        {
            _calls.WaitUntilEmpty(int.MaxValue);
            disk.Dispose();
        }
    }
}
