using System.Diagnostics;
using System.Globalization;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;

namespace Runtime.Bench.Limits;

/// <summary>Many of something at once: what is written to each is read back from each.</summary>
/// <remarks>A run that fails says how far it came, and its sample then counts fewer than were asked for.</remarks>
internal sealed class ScaleRun(string folder, TrapEngine engine)
{
    private const int Small = 65536;
    private const int HugeContainers = 32;
    private const int PagesOfHuge = 64;
    private const long Huge = 1L << 40;
    private const long ScatteredLength = 16L << 30;

    internal IEnumerable<Sample> Run(int containers, int pages)
    {
        yield return Measure(
            "containers of 64 KiB open at once", containers, store => Containers(store, containers, Small, 1));
        yield return Measure(
            "containers of 1 TiB open at once", HugeContainers, store =>
                Containers(store, HugeContainers, Huge, PagesOfHuge));
        yield return Measure("scattered pages in memory", pages, store => Pages(store, pages));
    }

    private Sample Measure(string workload, long asked, Func<Store, IEnumerable<long>> reach)
    {
        long reached = 0;
        string own = Path.Combine(folder, workload);
        long began;
        double ns = 0;
        using (var store = new Store(own, engine, budget: (asked + 100_000) * PageNumber.Size, isFlushOmitted: true))
        {
            began = Stopwatch.GetTimestamp();
            try
            {
                foreach (long count in reach(store))
                {
                    reached = count;
                    ns = Timing.Since(began);
                }
            }
            catch (Exception failure)
            {
                Console.Error.WriteLine($"{workload}, {engine.Name}: {reached} of {asked}: {failure.Message}");
            }
        }

        Directory.Delete(own, recursive: true);
        return new Sample
        {
            Topic = Topics.Scale,
            Side = "Katydid",
            Engine = engine.Name,
            Workload = string.Create(CultureInfo.InvariantCulture, $"{asked:N0} {workload}"),
            Cores = Environment.ProcessorCount,
            Count = reached,
            Asked = asked,
            Ns = ns / Math.Max(reached, 1),
            MeanNs = ns / Math.Max(reached, 1),
        };
    }

    /// <summary>Counts those that hold what was written, once all of them are open and written.</summary>
    private static IEnumerable<long> Containers(Store store, int count, long length, int pagesEach)
    {
        var opened = new List<Container>(count);
        for (int i = 0; i < count; i++)
        {
            Container container = store.Kernel.OpenContainer($"bench {i}", length);
            opened.Add(container);
            for (int page = 0; page < pagesEach; page++)
            {
                container.View.Write(page * (length / pagesEach), (((long)i) << 32) + page);
            }
        }

        for (int i = 0; i < count; i++)
        {
            for (int page = 0; page < pagesEach; page++)
            {
                Check(opened[i].View, page * (length / pagesEach), (((long)i) << 32) + page);
            }

            yield return i + 1;
        }
    }

    /// <summary>Counts pages that hold what was written, once all of them are in memory, none beside another.</summary>
    private static IEnumerable<long> Pages(Store store, int count)
    {
        Container container = store.Kernel.OpenContainer("bench", ScatteredLength);
        ContainerView view = container.View;
        long stride = ScatteredLength / PageNumber.Size / count * PageNumber.Size;
        for (long i = 0; i < count; i++)
        {
            view.Write(i * stride, i + 1);
        }

        if (container.Statistics.ResidentPages < count)
        {
            throw new InvalidDataException($"only {container.Statistics.ResidentPages} pages are in memory");
        }

        for (long i = 0; i < count; i++)
        {
            Check(view, i * stride, i + 1);
        }

        yield return count;
    }

    private static void Check(ContainerView view, long offset, long expected)
    {
        if (view.Read<long>(offset) is var found && found != expected)
        {
            throw new InvalidDataException($"{found} in place of {expected} at {offset}");
        }
    }
}
