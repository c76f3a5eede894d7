using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Storage;

/// <summary>A volume in memory with a log, whose containers' newest versions the test decides.</summary>
internal sealed class TestVolume(IKernelLog log) : IVolume
{
    private readonly MemoryVolume _volume = new();
    private readonly Dictionary<ulong, StateInterval> _newest = [];

    public IReadOnlyList<ContainerRecord> Containers => [.. _volume.Containers.Select(WithNewest)];

    public IKernelLog? KernelLog => log;

    /// <summary>A version of this interval is durable.</summary>
    internal void Commit(ContainerRecord container, ulong interval) =>
        _newest[container.Id] = new StateInterval(interval);

    public ContainerRecord? Find(string name) => _volume.Find(name) is { } found ? WithNewest(found) : null;

    public ContainerRecord Create(string name, long length, string manager) => _volume.Create(name, length, manager);

    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces) =>
        _volume.Rename(container, name, replaces);

    public ContainerRecord SetManager(ContainerRecord container, string manager, StateInterval issued) =>
        _volume.SetManager(container, manager, issued);

    public void Delete(ContainerRecord container) => _volume.Delete(container);

    public void Dispose()
    {
    }

    private ContainerRecord WithNewest(ContainerRecord container) =>
        container with { Newest = _newest.GetValueOrDefault(container.Id) };
}
