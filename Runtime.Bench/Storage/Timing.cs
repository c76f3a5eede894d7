using System.Diagnostics;

namespace Runtime.Bench.Storage;

/// <summary>Times in nanoseconds, and how long a warm-up lasts.</summary>
internal static class Timing
{
    // Long enough for the code on the way to reach the optimizing compiler's last tier.
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);

    internal static double Measure(Action action)
    {
        long began = Stopwatch.GetTimestamp();
        action();
        return Since(began);
    }

    internal static double Since(long began) => Stopwatch.GetElapsedTime(began).TotalNanoseconds;

    /// <summary>Repeats an action until everything that it needs is compiled.</summary>
    internal static void WarmUp(Action action)
    {
        long began = Stopwatch.GetTimestamp();
        do
        {
            action();
        }
        while (Stopwatch.GetElapsedTime(began) < s_warmUp);
    }
}
