using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Tool.Faults;

/// <summary>A volume that lives and dies with its kernel: measuring faults needs no disk.</summary>
internal sealed class ScratchVolume : IVolume
{
    private readonly Lock _lock = new();
    private readonly List<ContainerRecord> _containers = []; // guarded by _lock
    private ulong _lastId; // guarded by _lock

    /// <inheritdoc/>
    public IReadOnlyList<ContainerRecord> Containers
    {
        get
        {
            lock (_lock)
            {
                return [.. _containers];
            }
        }
    }

    /// <summary>Boots a kernel whose containers are supplied by <see cref="NumberedPagesManager"/>.</summary>
    internal static Task<Kernel> BootAsync(CancellationToken cancellationToken)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => new ScratchVolume(),
            DefaultManager = NumberedPagesManager.Name,
            SnapshotOnDispose = false,
        };
        options.Managers.Add(NumberedPagesManager.Name, () => new NumberedPagesManager());
        return Kernel.BootAsync(options, cancellationToken);
    }

    /// <inheritdoc/>
    public ContainerRecord? Find(string name) => Containers.FirstOrDefault(container => container.Name == name);

    /// <inheritdoc/>
    public ContainerRecord Create(string name, long length, string manager)
    {
        lock (_lock)
        {
            if (_containers.Any(container => container.Name == name))
            {
                throw new KernelException(Status.AlreadySet, $"container '{name}' exists");
            }

            var record = new ContainerRecord(++_lastId, name, manager, length);
            _containers.Add(record);
            return record;
        }
    }

    /// <summary>Nothing renames what only measures.</summary>
    /// <exception cref="KernelException"><see cref="Status.NotSupported"/>, always.</exception>
    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces) =>
        throw new KernelException(Status.NotSupported, "a scratch volume renames nothing");

    /// <inheritdoc/>
    public void Delete(ContainerRecord container)
    {
        lock (_lock)
        {
            _containers.Remove(container);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
