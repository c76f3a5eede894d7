using System.Diagnostics;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;

namespace Runtime.Bench.Snapshots;

/// <summary>A container of a kernel with the default manager, which keeps every version.</summary>
internal sealed class ContainerSide : DirtySide
{
    private const long Budget = 2L << 30;                           // more than all pages that a plan makes resident
    private const int FillAtOnce = 1 << 20;

    private readonly Store _store;
    private readonly Container _container;

    internal ContainerSide(string folder, TrapEngine engine, SnapshotPlan plan)
        : base("Katydid")
    {
        Engine = engine.Name;
        _store = new Store(folder, engine, Budget);
        _container = _store.Kernel.OpenContainer("bench", plan.Length);
        for (long offset = 0; plan.IsFull && offset < plan.Length; offset += FillAtOnce)
        {
            _container.View.Fill(offset, FillAtOnce, 1);
        }

        _container.TakeSnapshot().WaitForDurable();
    }

    internal override string Engine { get; }

    internal override void Write(long[] pages, long value)
    {
        ContainerView view = _container.View;
        foreach (long page in pages)
        {
            view.Write(page * PageNumber.Size, value);
        }
    }

    internal override Saved Save(long[] pages)
    {
        long bytesBefore = _store.Disk.BytesWritten;
        long began = Stopwatch.GetTimestamp();
        Snapshot snapshot = _container.TakeSnapshot();
        double cutNs = Timing.Since(began);
        snapshot.WaitForDurable();
        return new Saved(cutNs, Timing.Since(began), _store.Disk.BytesWritten - bytesBefore);
    }

    public override void Dispose() => _store.Dispose();
}
