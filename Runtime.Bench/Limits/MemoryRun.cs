using System.IO.MemoryMappedFiles;
using Runtime.Bench.Reports;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;

namespace Runtime.Bench.Limits;

/// <summary>
/// Works on four times as much as the budget allows, with snapshots that are saved meanwhile, and notes how much memory
/// the process had at most.
/// </summary>
internal sealed class MemoryRun(string folder, long budget)
{
    private const int TimesBudget = 4;
    private const int Snapshots = 8;
    private const string Working = "written, then read and written at random, 8 snapshots";
    private const string Reading = "read";

    private readonly long _pages = TimesBudget * budget / PageNumber.Size;

    internal IEnumerable<Sample> Run(int rounds)
    {
        // Everything is compiled by a smaller one, whose code would otherwise count as memory.
        foreach (TrapEngine engine in BenchCommand.Engines)
        {
            _ = new MemoryRun(Path.Combine(folder, "warm-up"), budget / 8).Work(engine).Count();
        }

        for (int round = 0; round < rounds; round++)
        {
            yield return Map();
            foreach (TrapEngine engine in BenchCommand.Engines)
            {
                foreach (Sample sample in Work(engine))
                {
                    yield return sample;
                }
            }
        }
    }

    private IEnumerable<Sample> Work(TrapEngine engine)
    {
        double ns = 0;
        var peak = new MemoryPeak();
        using (peak)
        using (var store = new Store(folder, engine, budget))
        {
            Container container = store.Kernel.OpenContainer("bench", _pages * PageNumber.Size);
            ns = Timing.Measure(() => Work(container.View, container.TakeSnapshot));
        }

        Directory.Delete(folder, recursive: true);
        Sample sample = ToSample("Katydid", engine.Name, Working, ns / (2 * _pages), peak.Bytes);
        yield return sample;
        yield return sample with { Way = "with native memory", Bytes = peak.BytesWithNative };
        yield return sample with { Way = "with the managed heap", Bytes = peak.BytesWithHeap };
    }

    private void Work(ContainerView view, Func<Snapshot> takeSnapshot)
    {
        for (long page = 0; page < _pages; page++)
        {
            view.Write(page * PageNumber.Size, page);
        }

        var random = new Random(1);
        for (int i = 0; i < Snapshots; i++)
        {
            Snapshot snapshot = takeSnapshot();
            for (long step = 0; step < _pages / Snapshots; step++)
            {
                long page = random.NextInt64(_pages);
                if (view.Read<long>(page * PageNumber.Size) != page)
                {
                    throw new InvalidDataException($"page {page} holds another one");
                }

                view.Write(page * PageNumber.Size, page);
            }

            snapshot.WaitForDurable();
        }
    }

    /// <summary>A mapped file of the same size, whose pages stay for as long as the system likes.</summary>
    private unsafe Sample Map()
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, "mapped");
        double ns;
        var peak = new MemoryPeak();
        using (peak)
        using (var file = MemoryMappedFile.CreateFromFile(
            path, FileMode.Create, mapName: null, _pages * PageNumber.Size))
        using (MemoryMappedViewAccessor accessor = file.CreateViewAccessor())
        {
            byte* start = null;
            accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            long sum = 0;
            ns = Timing.Measure(() =>
            {
                for (long page = 0; page < _pages; page++)
                {
                    sum += Volatile.Read(ref start[page * PageNumber.Size]);
                }
            });
            accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        File.Delete(path);
        return ToSample(Peers.Mapped, engine: null, Reading, ns / _pages, peak.BytesOfFiles);
    }

    private Sample ToSample(string side, string? engine, string workload, double ns, long bytes) => new()
    {
        Topic = Topics.Memory,
        Side = side,
        Engine = engine,
        Workload = workload,
        Cores = Environment.ProcessorCount,
        Count = _pages,
        Ns = ns,
        MeanNs = ns,
        Bytes = bytes,
        EnoughBytes = budget,
    };
}
