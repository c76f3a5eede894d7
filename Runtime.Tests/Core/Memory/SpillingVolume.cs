using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Memory;

/// <summary>A volume in memory that has a spill.</summary>
internal sealed class SpillingVolume(ISpill spill) : IVolume
{
    private readonly MemoryVolume _volume = new();

    public IReadOnlyList<ContainerRecord> Containers => _volume.Containers;

    public IKernelLog? KernelLog => null;

    public ISpill? Spill => spill;

    public ContainerRecord? Find(string name) => _volume.Find(name);

    public ContainerRecord Create(string name, long length, string manager) => _volume.Create(name, length, manager);

    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces) =>
        _volume.Rename(container, name, replaces);

    public ContainerRecord SetManager(ContainerRecord container, string manager, StateInterval issued) =>
        _volume.SetManager(container, manager, issued);

    public void Delete(ContainerRecord container) => _volume.Delete(container);

    public void Dispose() => _volume.Dispose();
}
