using Runtime.Core.Capabilities;
using Runtime.Core.Disks;

namespace Runtime.Core;

/// <content>Disks that capabilities are for (docs/semantics.md, "Disks").</content>
public sealed partial class Kernel
{
    private readonly Dictionary<string, DiskEntity> _disks = new(StringComparer.Ordinal); // guarded by _lock
    private ulong _lastDisk;                                        // guarded by _lock

    /// <summary>Makes a capability with every right for a disk, which is opened if it is not open.</summary>
    /// <param name="disk">Registered in <see cref="KernelOptions.Disks"/>.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.NotRegistered"/>; what kept it from being opened; <see cref="Status.NoResources"/> if the
    /// host table is full.
    /// </exception>
    public Capability GetDiskCapability(string disk)
    {
        Status status = OpenDisk(disk, out DiskEntity? entity);
        return status == Status.Success
            ? Grant(Capabilities.MasterOf(entity!))
            : throw new KernelException(status, $"the disk '{disk}' cannot be opened: {status}");
    }

    internal Status OpenDisk(string name, out DiskEntity? disk)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_disks.TryGetValue(name, out disk))
            {
                return Status.Success;
            }

            if (Options.Disks.Find(name) is not { } open)
            {
                return Status.NotRegistered;
            }

            try
            {
                _disks.Add(name, disk = new DiskEntity(++_lastDisk, name, open()));
                return Status.Success;
            }
            catch (KernelException failure)
            {
                return failure.Status;
            }
        }
    }

    internal Status CloseDisk(DiskEntity disk)
    {
        if (!Capabilities.TryDeleteAll(disk))
        {
            return Status.InvalidCapRef;                            // somebody else was first
        }

        lock (_lock)
        {
            _disks.Remove(disk.Name);
        }

        disk.Close();
        return Status.Success;
    }

    private void CloseDisks()
    {
        foreach (DiskEntity disk in _disks.Values)
        {
            Capabilities.TryDeleteAll(disk);
            disk.Close();
        }
    }
}
