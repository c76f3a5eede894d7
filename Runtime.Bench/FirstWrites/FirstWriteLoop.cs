using System.Diagnostics;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Bench.FirstWrites;

/// <summary>
/// Writes one byte to each page after a cut and times it: the counterpart of Peers/first_writes.c, step for step.
/// </summary>
internal sealed class FirstWriteLoop(TrapEngine engine, int pages, bool isSavedBefore)
{
    private const string ManagerName = "unsaved";
    private const int SliceWrites = 64;                             // as in first_writes.c, or medians differ in kind

    private readonly List<double> _slices = [];
    private long _allocatedBytes;

    internal Sample Run(int rounds)
    {
        var manager = new UnsavedManager();
        var options = new KernelOptions
        {
            Engine = engine,
            MemoryBudget = (pages + (long)pages + 1024) * PageNumber.Size,
            SnapshotOnDispose = false,
            DefaultManager = ManagerName,
            OpenVolume = () => new MemoryVolume(),
        };
        options.Managers.Add(ManagerName, () => manager);
        using Kernel kernel = Kernel.Boot(options);
        Container container = kernel.OpenContainer("bench", (long)pages * PageNumber.Size);
        container.View.Fill(0, container.Length, 1);
        Timing.WarmUp(() => RunRound(container, manager));
        _slices.Clear();
        _slices.EnsureCapacity(rounds * ((pages / SliceWrites) + 1));
        _allocatedBytes = 0;
        double[] means = [.. Enumerable.Range(0, rounds).Select(_ => RunRound(container, manager) / pages)];
        return new Sample
        {
            Topic = Topics.FirstWrite,
            Side = "Katydid",
            Way = isSavedBefore ? "saved before" : "copied aside",
            Engine = engine.Name,
            Workload = "first write after a snapshot",
            Cores = Environment.ProcessorCount,
            Count = (long)pages * rounds,
            Ns = Statistics.Median(_slices),
            MeanNs = Statistics.Median(means),
            AllocatedBytes = _allocatedBytes,
        };
    }

    private double RunRound(Container container, UnsavedManager manager)
    {
        manager.MaySave.Reset();
        Snapshot snapshot = container.TakeSnapshot();
        if (isSavedBefore)
        {
            manager.MaySave.Set();
            snapshot.WaitForDurable();
        }

        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        Write(container.View, began);
        double ns = Timing.Since(began);
        _allocatedBytes += GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        manager.MaySave.Set();
        snapshot.WaitForDurable();
        return ns;
    }

    private void Write(ContainerView view, long began)
    {
        _slices.EnsureCapacity(_slices.Count + (pages / SliceWrites) + 1);
        for (int done = 0; done < pages; done += SliceWrites)
        {
            int count = Math.Min(SliceWrites, pages - done);
            for (int page = done; page < done + count; page++)
            {
                view.Write(page * (long)PageNumber.Size, (byte)1);
            }

            long ended = Stopwatch.GetTimestamp();
            _slices.Add(Stopwatch.GetElapsedTime(began, ended).TotalNanoseconds / count);
            began = ended;
        }
    }
}
