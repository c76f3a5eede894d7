using Runtime.Core.Disks;

namespace Runtime.Core.Capabilities;

/// <content>Disks.</content>
public sealed partial class SystemCalls
{
    /// <summary>Opens a disk by its name, or finds it open.</summary>
    /// <param name="result">A slot for the capability, which has every right; what it held goes.</param>
    /// <param name="disk">Registered in <see cref="KernelOptions.Disks"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/> if the result is no slot,
    /// <see cref="Status.NotRegistered"/>, what kept it from being opened; <see cref="Status.NotSupported"/> for a
    /// locus, which is granted capabilities and knows no names.
    /// </returns>
    public Status DiskOpen(CapRef result, string disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        PassBoundary();
        if (_caller.TableOf(result) is null)
        {
            return Status.InvalidCapRef;
        }

        if (_locus is not null)
        {
            return Status.NotSupported;
        }

        Status status = _kernel.OpenDisk(disk, out DiskEntity? entity);
        return status == Status.Success
            ? _kernel.Capabilities.Put(_caller, result, _kernel.Capabilities.MasterOf(entity!))
            : status;
    }

    /// <summary>Reads whole blocks.</summary>
    /// <param name="disk">A capability with <see cref="KernelRights.Read"/>.</param>
    /// <param name="first">The first block.</param>
    /// <param name="destination">Whole blocks of <see cref="IDisk.BlockSize"/> bytes, at least one.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>; <see cref="Status.NotAligned"/> for a part of a block,
    /// <see cref="Status.OutOfRange"/> beyond the end, <see cref="Status.IoError"/>.
    /// </returns>
    public Status DiskReadBlocks(CapRef disk, BlockNumber first, Span<byte> destination)
    {
        Status status = FindDisk(disk, KernelRights.Read, out DiskEntity? entity);
        status = status == Status.Success ? CheckBlocks(first, destination.Length) : status;
        return status == Status.Success ? entity!.Read(first, destination) : status;
    }

    /// <summary>Writes whole blocks; they are durable after the next <see cref="DiskFlush"/>.</summary>
    /// <param name="disk">A capability with <see cref="KernelRights.Write"/>.</param>
    /// <param name="first">The first block.</param>
    /// <param name="source">Whole blocks of <see cref="IDisk.BlockSize"/> bytes, at least one.</param>
    /// <returns>As <see cref="DiskReadBlocks"/>; <see cref="Status.NoResources"/> if the medium is full.</returns>
    public Status DiskWriteBlocks(CapRef disk, BlockNumber first, ReadOnlySpan<byte> source)
    {
        Status status = FindDisk(disk, KernelRights.Write, out DiskEntity? entity);
        status = status == Status.Success ? CheckBlocks(first, source.Length) : status;
        return status == Status.Success ? entity!.Write(first, source) : status;
    }

    /// <summary>The barrier: what was written before is durable when this returns.</summary>
    /// <param name="disk">A capability with <see cref="KernelRights.Write"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.IoError"/>.
    /// </returns>
    public Status DiskFlush(CapRef disk)
    {
        Status status = FindDisk(disk, KernelRights.Write, out DiskEntity? entity);
        return status == Status.Success ? entity!.Flush() : status;
    }

    /// <summary>
    /// Closes a disk when the calls under way have ended: no capability for it is worth anything then.
    /// </summary>
    /// <param name="disk">A capability with <see cref="KernelRights.Destroy"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status DiskClose(CapRef disk)
    {
        Status status = FindDisk(disk, KernelRights.Destroy, out DiskEntity? entity);
        return status == Status.Success ? _kernel.CloseDisk(entity!) : status;
    }

    private static Status CheckBlocks(BlockNumber first, int length) =>
        length % IDisk.BlockSize != 0 ? Status.NotAligned
        : length == 0 || first.Value < 0 ? Status.OutOfRange
        : Status.Success;

    private Status FindDisk(CapRef reference, KernelRights needed, out DiskEntity? disk)
    {
        Status status = Find(reference, EntityType.Disk, needed, out PermissionGroup? group);
        disk = status == Status.Success ? (DiskEntity)group!.Entity : null;
        return status;
    }
}
