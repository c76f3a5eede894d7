using System.Diagnostics;
using Runtime.Core;

namespace Runtime.Bench.Faults;

/// <summary>Touches resident, closed pages and times it: the counterpart of Peers/peer.c, step for step.</summary>
/// <remarks>
/// BenchmarkDotNet is not for this: a page faults only once until it is closed again, and the closing must not count.
/// </remarks>
internal sealed unsafe class FaultLoop(FaultPlan plan, IReadOnlyList<FaultArea> areas, FaultToucher toucher)
{
    private const int SliceFaults = 64;                             // as in peer.c, or the medians differ in kind

    // Long enough for the handler and everything below it to reach the optimizing compiler's last tier.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    private readonly double[] _slices = new double[(plan.Rounds + 1) * ((plan.Pages / SliceFaults) + (4 * plan.Areas))];
    private int _sliceCount;
    private long _allocatedBytes;

    internal (double Ns, double MeanNs, long AllocatedBytes) Run()
    {
        long began = Stopwatch.GetTimestamp();
        for (int round = 0; round < 2 || Stopwatch.GetElapsedTime(began) < s_warmUp; round++)
        {
            _sliceCount = 0;
            RunRound();
        }

        _sliceCount = 0;
        _allocatedBytes = 0;
        double[] means = [.. Enumerable.Range(0, plan.Rounds).Select(_ => RunRound() / plan.FaultsPerRound)];
        return (Statistics.Median(_slices.Take(_sliceCount)), Statistics.Median(means), _allocatedBytes);
    }

    private double RunRound() => plan.Passes.Sum(RunPass);

    /// <summary>Nanoseconds from the first thread's start to the last one's end.</summary>
    private double RunPass(FaultPass pass)
    {
        foreach (FaultArea area in areas)
        {
            area.Close();
        }

        int areasEach = areas.Count / plan.Threads;
        long[] began = new long[plan.Threads];
        long[] ended = new long[plan.Threads];
        using var start = new Barrier(plan.Threads);
        Thread[] threads = [.. Enumerable.Range(0, plan.Threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            began[index] = Stopwatch.GetTimestamp();
            for (int area = index * areasEach; area < (index + 1) * areasEach; area++)
            {
                Touch(areas[area], pass);
            }

            ended[index] = Stopwatch.GetTimestamp();
            Interlocked.Add(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return Nanoseconds(ended.Max() - began.Min());
    }

    private void Touch(FaultArea area, FaultPass pass)
    {
        long began = Stopwatch.GetTimestamp();
        for (int done = 0; done < pass.Count; done += SliceFaults)
        {
            int count = Math.Min(SliceFaults, pass.Count - done);
            byte* first = area.Base + ((pass.First + (done * (nint)pass.Stride)) * PageNumber.Size);
            toucher.Touch(first, count, pass.Stride);
            long ended = Stopwatch.GetTimestamp();
            _slices[Interlocked.Increment(ref _sliceCount) - 1] = Nanoseconds(ended - began) / count;
            began = ended;
        }
    }

    private static double Nanoseconds(long ticks) => ticks * (1e9 / Stopwatch.Frequency);
}
