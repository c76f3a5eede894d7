using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;

namespace Runtime.Bench.Reads;

/// <summary>A container of a kernel that may keep a part of it in memory.</summary>
internal sealed class ContainerSide(string folder, TrapEngine engine, long budget)
    : ReadSide("Katydid", Store.DataPath(folder))
{
    private const string ContainerName = "bench";

    private Store? _store;
    private Container? _container;

    internal override string Way => "accessor";

    internal override string Engine => engine.Name;

    /// <summary>Makes the volume that all engines read.</summary>
    internal static void Prepare(string folder, long length, long budget, Action<Action<long, ReadOnlySpan<byte>>> fill)
    {
        using var store = new Store(folder, TrapEngine.Default, budget, isFlushOmitted: true);
        Container container = store.Kernel.OpenContainer(ContainerName, length);
        fill((page, content) => container.View.Write(page * PageNumber.Size, content));
        container.TakeSnapshot().WaitForDurable();
    }

    internal override void Open()
    {
        _store = new Store(folder, engine, budget);
        _container = _store.Kernel.OpenContainer(ContainerName);
    }

    internal override void Read(long page, Span<byte> destination) =>
        _container!.View.Read(page * PageNumber.Size, destination);

    public override void Dispose()
    {
        _store?.Dispose();
        _store = null;
    }
}
