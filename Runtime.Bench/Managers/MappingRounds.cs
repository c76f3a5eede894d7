using System.Diagnostics;
using Runtime.Bench.Reports;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Stores.Managers;

namespace Runtime.Bench.Managers;

/// <summary>
/// A container that is shown in a second one, which is shown in a third, and so on; pages of the first are touched
/// through one of them, each page once.
/// </summary>
internal static class MappingRounds
{
    private const int PagesAtOnce = 512;
    private static readonly int[] s_depths = [0, 1, 4, 16];

    internal static IEnumerable<Sample> Run(int rounds)
    {
        foreach (TrapEngine engine in BenchCommand.Engines)
        {
            // One round more, in which everything is compiled.
            long length = (long)(rounds + 1) * s_depths.Length * PagesAtOnce * PageNumber.Size;
            using Kernel kernel = Boot(engine);
            var containers = new Container[s_depths[^1] + 1];
            for (int i = 0; i < containers.Length; i++)
            {
                containers[i] = kernel.OpenContainer($"c{i}", length);
                if (i > 0)
                {
                    containers[i].Map(0, containers[i - 1], 0, length, Access.Write);
                }
            }

            long page = 0;
            for (int round = 0; round <= rounds; round++)
            {
                foreach (int depth in s_depths)
                {
                    Sample sample = Touch(engine, containers[depth].View, depth, page);
                    page += PagesAtOnce;
                    if (round > 0)
                    {
                        yield return sample;
                    }
                }
            }
        }
    }

    private static Sample Touch(TrapEngine engine, ContainerView view, int depth, long first)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        for (long page = first; page < first + PagesAtOnce; page++)
        {
            view.Write(page * PageNumber.Size, page);
        }

        double ns = Timing.Since(began);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new Sample
        {
            Topic = Topics.Mapping,
            Side = depth == 0 ? Peers.Unmapped : "Katydid",
            Way = depth == 0 ? null : $"{depth} deep",
            Workload = $"first write, {engine.Name}",
            Cores = Environment.ProcessorCount,
            Count = PagesAtOnce,
            Ns = ns / PagesAtOnce,
            MeanNs = ns / PagesAtOnce,
            AllocatedBytes = allocated,
        };
    }

    private static Kernel Boot(TrapEngine engine)
    {
        var options = new KernelOptions
        {
            Engine = engine,
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "zero-fill",
        };
        options.Managers.Add("zero-fill", () => new ZeroFillManager());
        return Kernel.Boot(options);
    }
}
