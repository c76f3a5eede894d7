using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Any bytes are read as a volume or refused: never a crash, a hang or memory without bound.</summary>
/// <remarks>
/// KATYDID_FUZZ_SECONDS says how long, KATYDID_FUZZ_SEED where to begin; each round has the next seed. What it finds
/// becomes a seed of the first test.
/// </remarks>
public class VolumeFuzzTests
{
    private const string Seconds = "KATYDID_FUZZ_SECONDS";
    private const string Seed = "KATYDID_FUZZ_SEED";

    // A commit gathers its blocks in 1 MiB, and every change is one; the medium has about 2 MiB.
    private const long MostBytesOfARound = 256L << 20;

    private static readonly TimeSpan s_longestRound = TimeSpan.FromSeconds(60);

    [Test, Deadline(300)]
    public void Any_volume_is_read_or_refused_by_the_same_seeds_always()
    {
        VolumeFuzzer fuzzer = VolumeFuzzer.Create();
        int rounds = OperatingSystem.IsWindows() ? 100 : 1000;
        Run(fuzzer, 1, (_, round) => round < rounds);
    }

    // Every round has a deadline of its own, so this one may be as long as it is told to.
    [Test, Deadline(1_000_000)]
    public void Any_volume_is_read_or_refused_for_as_long_as_there_is_time()
    {
        int seconds = Number(Seconds) ?? (OperatingSystem.IsWindows() ? 10 : 60);
        int seed = Number(Seed) ?? Random.Shared.Next(1, 1_000_000_000);
        Run(VolumeFuzzer.Create(), seed, (since, _) => Stopwatch.GetElapsedTime(since).TotalSeconds < seconds);
    }

    private static void Run(VolumeFuzzer fuzzer, int firstSeed, Func<long, int, bool> goesOn)
    {
        long since = Stopwatch.GetTimestamp();
        int[] outcomes = new int[2];
        long most = 0;
        int round = 0;
        for (; goesOn(since, round); round++)
        {
            int seed = firstSeed + round;
            Watchdog.Watch(nameof(VolumeFuzzTests), $"{Seed}={seed}", s_longestRound);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                outcomes[(int)fuzzer.Round(seed)]++;
            }
            catch (Exception e)
            {
                Assert.Fail($"{Seed}={seed}: {e}");
            }
            finally
            {
                Watchdog.Forget(nameof(VolumeFuzzTests));
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            most = Math.Max(most, allocated);
            Assert.That(allocated, Is.LessThan(MostBytesOfARound), $"{Seed}={seed}");
        }

        TestContext.Out.WriteLine(
            $"{round} volumes from seed {firstSeed} on in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s: "
                + $"{outcomes[0]} refused, {outcomes[1]} read; at most {most >> 10} KiB allocated");
        Assert.That(outcomes, Has.All.Positive);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
