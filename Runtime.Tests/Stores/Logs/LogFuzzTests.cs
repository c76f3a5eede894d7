using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Logs;

/// <summary>Any bytes are read as a log or refused: never a crash, a hang or memory without bound.</summary>
/// <remarks>
/// KATYDID_FUZZ_SECONDS says how long, KATYDID_FUZZ_SEED where to begin; each round has the next seed.
/// </remarks>
public class LogFuzzTests
{
    private const string Seconds = "KATYDID_FUZZ_SECONDS";
    private const string Seed = "KATYDID_FUZZ_SEED";
    private const int DefaultSeconds = 2;

    // A few payloads of the longest length, each asked for by one block.
    private const long MostBytesOfARound = 256L << 20;

    private static readonly TimeSpan s_longestRound = TimeSpan.FromSeconds(60);

    [Test]
    public void Any_log_is_read_or_refused_by_the_same_seeds_always() =>
        Run(1, (_, round) => round < (OperatingSystem.IsWindows() ? 100 : 400));

    // Every round has a deadline of its own, so this one may be as long as it is told to.
    [Test, Deadline(1_000_000)]
    public void Any_log_is_read_or_refused_for_as_long_as_there_is_time()
    {
        int seconds = Number(Seconds) ?? DefaultSeconds;
        Run(
            Number(Seed) ?? Random.Shared.Next(1, 1_000_000_000),
            (since, _) => Stopwatch.GetElapsedTime(since).TotalSeconds < seconds);
    }

    private static void Run(int firstSeed, Func<long, int, bool> goesOn)
    {
        var fuzzer = LogFuzzer.Create();
        long since = Stopwatch.GetTimestamp();
        int read = 0;
        int round = 0;
        long most = 0;
        for (; goesOn(since, round); round++)
        {
            int seed = firstSeed + round;
            Watchdog.Watch(nameof(LogFuzzTests), $"{Seed}={seed}", s_longestRound);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read += fuzzer.Round(seed) ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"{Seed}={seed}: {e}");
            }
            finally
            {
                Watchdog.Forget(nameof(LogFuzzTests));
            }

            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.That(most, Is.LessThan(MostBytesOfARound), $"{Seed}={seed}");
        }

        TestContext.Out.WriteLine(
            $"{round} logs from seed {firstSeed} on in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s: "
                + $"{round - read} refused, {read} read; at most {most >> 10} KiB allocated");
        Assert.That(read, Is.InRange(1, round - 1));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
