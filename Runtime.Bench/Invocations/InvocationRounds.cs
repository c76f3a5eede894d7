using System.Diagnostics;
using System.Globalization;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Invocations;

/// <summary>All sides in turn, again and again, with blocks of three sizes.</summary>
internal static class InvocationRounds
{
    internal const int LargestBlock = 4096;

    private static readonly int[] s_blocks = [0, 64, LargestBlock];
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(50);

    internal static IEnumerable<Sample> Run(int rounds)
    {
        InvocationSide[] sides =
        [
            .. LocusSide.Ways.Select(way => new LocusSide(way)),
            new DelegateSide(),
            new ChannelSide(),
            new SocketSide(),
        ];
        try
        {
            foreach (int length in s_blocks)
            {
                byte[] block = new byte[length];
                int[] counts = [.. sides.Select(side => CountInSlice(side, block))];
                for (int round = 0; round < rounds; round++)
                {
                    for (int i = 0; i < sides.Length; i++)
                    {
                        yield return Measure(sides[i], counts[i], block);
                    }
                }
            }
        }
        finally
        {
            Array.ForEach(sides, side => side.Dispose());
        }
    }

    /// <summary>After a warm-up, how often a side does it in a slice.</summary>
    private static int CountInSlice(InvocationSide side, byte[] block)
    {
        const int Few = 100;
        Timing.WarmUp(() => side.Invoke(Few, block));
        return (int)Math.Max(1, Few * s_slice / TimeSpan.FromMicroseconds(
            Math.Max(1, Timing.Measure(() => side.Invoke(Few, block)) / 1000)));
    }

    private static Sample Measure(InvocationSide side, int count, byte[] block)
    {
        const int Slices = 5;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        double[] slices = new double[Slices];
        for (int i = 0; i < Slices; i++)
        {
            long slice = Stopwatch.GetTimestamp();
            side.Invoke(count, block);
            slices[i] = Timing.Since(slice) / count;
        }

        double wholeNs = Timing.Since(began);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new Sample
        {
            Topic = Topics.Invocation,
            Side = side.Name,
            Way = side.Way,
            Workload = string.Create(CultureInfo.InvariantCulture, $"{block.Length:N0} bytes"),
            Cores = Environment.ProcessorCount,
            Count = (long)count * Slices,
            Ns = Statistics.Median(slices),
            MeanNs = wholeNs / count / Slices,
            // What starting a measurement takes is not the invocations'.
            AllocatedBytes = bytes / count,
        };
    }
}
