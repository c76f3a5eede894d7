using System.Diagnostics;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;

namespace Runtime.Bench.Commits;

/// <summary>Writes a page, cuts, and waits until that is durable: the counterpart of Peers/commits.c.</summary>
internal sealed class CommitLoop(string folder, TrapEngine engine, int threads)
{
    private const int Keys = 4096;                                  // as in commits.c

    internal Sample Run(int commits)
    {
        using var store = new Store(folder, engine);
        int each = commits / threads;
        double[] times = new double[each * threads];
        long[] began = new long[threads];
        long[] ended = new long[threads];
        using var start = new Barrier(threads);
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(index =>
        {
            Container container = store.Kernel.OpenContainer($"bench {index}", Keys * (long)PageNumber.Size);
            return new Thread(() =>
            {
                var random = new Random(index);
                byte[] page = new byte[PageNumber.Size];
                Timing.WarmUp(() => Commit(container, random, page));
                start.SignalAndWait();
                began[index] = Stopwatch.GetTimestamp();
                for (int i = 0; i < each; i++)
                {
                    times[(index * each) + i] = Timing.Measure(() => Commit(container, random, page));
                }

                ended[index] = Stopwatch.GetTimestamp();
            });
        })];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        return new Sample
        {
            Topic = Topics.Commit,
            Side = "Katydid",
            Engine = engine.Name,
            Workload = "one page per durable commit",
            Threads = threads,
            Cores = Environment.ProcessorCount,
            Count = times.Length,
            Ns = Statistics.Median(times),
            MeanNs = Stopwatch.GetElapsedTime(began.Min(), ended.Max()).TotalNanoseconds / times.Length,
        };
    }

    private static void Commit(Container container, Random random, byte[] page)
    {
        random.NextBytes(page.AsSpan(0, sizeof(long)));
        container.View.Write(random.Next(Keys) * (long)PageNumber.Size, page);
        container.TakeSnapshot().WaitForDurable();
    }
}
