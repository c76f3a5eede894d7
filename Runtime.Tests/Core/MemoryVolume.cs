using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core;

/// <summary>A volume that lists containers and keeps nothing else.</summary>
internal sealed class MemoryVolume : IVolume
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, ContainerRecord> _containers = new(StringComparer.Ordinal);
    private ulong _next = 1;

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

    public ContainerRecord? Find(string name)
    {
        lock (_lock)
        {
            return _containers.GetValueOrDefault(name);
        }
    }

    public ContainerRecord Create(string name, long length, string manager)
    {
        lock (_lock)
        {
            var record = new ContainerRecord(_next++, name, manager, length);
            return _containers.TryAdd(name, record)
                ? record
                : throw new KernelException(Status.AlreadySet, $"container '{name}' exists");
        }
    }

    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces)
    {
        lock (_lock)
        {
            if (_containers.ContainsKey(name) && !replaces)
            {
                throw new KernelException(Status.AlreadySet, $"container '{name}' exists");
            }

            _containers.Remove(container.Name);
            return _containers[name] = container with { Name = name };
        }
    }

    public void Delete(ContainerRecord container)
    {
        lock (_lock)
        {
            _containers.Remove(container.Name);
        }
    }

    public void Dispose()
    {
    }
}
