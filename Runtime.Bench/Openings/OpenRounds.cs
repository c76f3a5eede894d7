using System.Diagnostics;
using Runtime.Bench.Reports;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Native;
using Runtime.Stores;

namespace Runtime.Bench.Openings;

/// <summary>Boots a kernel on a volume, opens a container and reads its first page, all from the disk.</summary>
internal sealed class OpenRounds(string folder, bool isQuick)
{
    internal IEnumerable<Sample> Run(int rounds)
    {
        OpenPlan[] plans = [.. OpenPlan.All(isQuick)];
        foreach (OpenPlan plan in plans)
        {
            Prepare(plan);
        }

        foreach (TrapEngine engine in BenchCommand.Engines)
        {
            foreach (OpenPlan plan in plans)
            {
                Timing.WarmUp(() => Open(plan, engine));
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (OpenPlan plan in plans)
            {
                foreach (TrapEngine engine in BenchCommand.Engines)
                {
                    yield return ToSample(plan.Workload, engine, Open(plan, engine));
                }
            }
        }
    }

    /// <summary>What a program that starts waits for, its compilation included; once in a process.</summary>
    internal IEnumerable<Sample> RunFirst(TrapEngine engine)
    {
        OpenPlan plan = OpenPlan.All(isQuick)[0];
        Directory.CreateDirectory(Folder(plan));
        double ns = Timing.Measure(() => OpenVolume(plan, engine, mayCreate: true));
        yield return ToSample($"no volume yet, {Peers.FirstInProcess}", engine, ns);
    }

    private void Prepare(OpenPlan plan)
    {
        using var store = new Store(Folder(plan), TrapEngine.Default, budget: 2L << 30, isFlushOmitted: true);
        plan.Prepare(store);
    }

    private double Open(OpenPlan plan, TrapEngine engine)
    {
        PageCache.Forget(Store.DataPath(Folder(plan)));
        return OpenVolume(plan, engine, mayCreate: false);
    }

    /// <returns>Nanoseconds; closing is not counted.</returns>
    private double OpenVolume(OpenPlan plan, TrapEngine engine, bool mayCreate)
    {
        long began = Stopwatch.GetTimestamp();
        using Kernel kernel = Kernel.Boot(
            new KernelOptions { Volume = Folder(plan), Engine = engine, SnapshotOnDispose = false });
        var container = kernel.OpenContainer(OpenPlan.ContainerName, mayCreate ? PageNumber.Size : null);
        long value = container.View.Read<long>(0);
        double ns = Timing.Since(began);
        return value == (mayCreate ? 0 : 1) || plan.Workload.EndsWith("versions", StringComparison.Ordinal)
            ? ns
            : throw new InvalidDataException($"{plan.Workload}: the first page holds {value}");
    }

    private string Folder(OpenPlan plan) => Path.Combine(folder, plan.Workload);

    private static Sample ToSample(string workload, TrapEngine engine, double ns) => new()
    {
        Topic = Topics.Open,
        Side = "Katydid",
        Engine = engine.Name,
        Workload = workload,
        Cores = Environment.ProcessorCount,
        Count = 1,
        Ns = ns,
        MeanNs = ns,
    };
}
