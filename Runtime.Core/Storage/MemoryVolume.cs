namespace Runtime.Core.Storage;

/// <summary>
/// A volume that lists containers for as long as its kernel lives: for managers that keep nothing on a disk.
/// </summary>
/// <remarks>Thread safe.</remarks>
public sealed class MemoryVolume : IVolume
{
    private readonly Lock _lock = new();                            // guards the fields below
    private readonly SortedDictionary<string, ContainerRecord> _containers = new(StringComparer.Ordinal);
    private ulong _lastId;

    /// <inheritdoc/>
    public IReadOnlyList<ContainerRecord> Containers
    {
        get
        {
            lock (_lock)
            {
                return [.. _containers.Values];
            }
        }
    }

    /// <summary>None: nothing is kept on a disk.</summary>
    public IKernelLog? KernelLog => null;

    /// <inheritdoc/>
    public ContainerRecord? Find(string name)
    {
        lock (_lock)
        {
            return _containers.GetValueOrDefault(name);
        }
    }

    /// <inheritdoc/>
    public ContainerRecord Create(string name, long length, string manager)
    {
        lock (_lock)
        {
            ThrowIfTakenUnsynchronized(name);
            return _containers[name] = new ContainerRecord(++_lastId, name, manager, length);
        }
    }

    /// <inheritdoc/>
    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces)
    {
        lock (_lock)
        {
            if (!replaces)
            {
                ThrowIfTakenUnsynchronized(name);
            }

            _containers.Remove(container.Name);
            return _containers[name] = container with { Name = name };
        }
    }

    /// <inheritdoc/>
    public ContainerRecord SetManager(ContainerRecord container, string manager, StateInterval issued)
    {
        lock (_lock)
        {
            ContainerRecord found = _containers[container.Name];
            return _containers[container.Name] = found with
            {
                Manager = manager,
                Newest = issued > found.Newest ? issued : found.Newest,
            };
        }
    }

    /// <inheritdoc/>
    public void Delete(ContainerRecord container)
    {
        lock (_lock)
        {
            _containers.Remove(container.Name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing outlives the kernel, and nothing needs to be given back.
    }

    private void ThrowIfTakenUnsynchronized(string name)
    {
        if (_containers.ContainsKey(name))
        {
            throw new KernelException(Status.AlreadySet, $"there is a container '{name}' already");
        }
    }
}
