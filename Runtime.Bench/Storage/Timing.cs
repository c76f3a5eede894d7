using System.Diagnostics;
using System.Runtime;

namespace Runtime.Bench.Storage;

/// <summary>Times in nanoseconds, and how long a warm-up lasts.</summary>
internal static class Timing
{
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(400);  // several of the compiler's delays

    internal static double Measure(Action action)
    {
        long began = Stopwatch.GetTimestamp();
        action();
        return Since(began);
    }

    internal static double Since(long began) => Stopwatch.GetElapsedTime(began).TotalNanoseconds;

    /// <summary>
    /// Repeats an action until the optimizing compiler has had nothing to do for a while: it goes through what is hot
    /// one method after another, beside the action, which it delays.
    /// </summary>
    internal static void WarmUp(Action action)
    {
        long began = Stopwatch.GetTimestamp();
        long lastCompiled = began;
        long compiled = 0;
        do
        {
            action();
            long now = JitInfo.GetCompiledMethodCount();
            if (now != compiled)
            {
                (compiled, lastCompiled) = (now, Stopwatch.GetTimestamp());
            }
        }
        while (Stopwatch.GetElapsedTime(began) < s_least
            || (Stopwatch.GetElapsedTime(lastCompiled) < s_quiet && Stopwatch.GetElapsedTime(began) < s_most));
    }
}
