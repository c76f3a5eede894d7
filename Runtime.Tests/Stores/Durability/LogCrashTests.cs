using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Tests.Stores.Logs;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Power goes at every call of what the kernel's log is used for; what is in flight comes in part.</summary>
public class LogCrashTests
{
    // Of the workload below: the creation, five flushes, two of each of two compactions, two of the second opening.
    private const int Flushes = 12;

    // Where it takes both copies of both headers to be torn at once.
    private const int ManySamples = 200;

    private static readonly int s_samples = OperatingSystem.IsWindows() ? 1 : 3;

    private static readonly Dictionary<string, Action<LogDriver, MortalDisk>> s_scenarios = new()
    {
        ["append and flush"] = (driver, _) =>
        {
            driver.Open();
            for (int i = 0; i < 6; i++)
            {
                driver.Append();
                driver.Append();
                driver.Flush();
            }
        },
        ["compact"] = (driver, _) =>
        {
            driver.Open();
            driver.Compact();                       // of nothing
            for (int i = 0; i < 4; i++)
            {
                driver.Append();
                driver.Append();
                driver.Flush();
                driver.Append();
                driver.Flush();
                driver.Append();
                driver.Compact();
            }

            driver.Compact([]);
            driver.Append();
            driver.Flush();
        },
        ["close and open"] = (driver, _) =>
        {
            driver.Open();
            for (int i = 0; i < 4; i++)
            {
                driver.Append();
                driver.Flush();
                driver.Append();
                driver.Reopen();
            }
        },
        ["workload"] = Workload,
    };

    private static IEnumerable<string> Scenarios => s_scenarios.Keys;

    [TestCaseSource(nameof(Scenarios)), Deadline(300)]
    public void Whatever_a_power_cut_leaves_is_what_was_flushed_and_a_beginning_of_the_rest(string scenario)
    {
        long since = Stopwatch.GetTimestamp();
        var campaign = new LogCampaign(seed: 1, s_samples);
        campaign.Run(scenario, s_scenarios[scenario]);
        Report(scenario, campaign, since);
        Assert.That(campaign.OfSecondCrash, Is.Positive);
    }

    [Test, Deadline(300)]
    public void Random_changes_survive_power_cuts([Range(1, 3)] int seed)
    {
        long since = Stopwatch.GetTimestamp();
        var campaign = new LogCampaign(seed, s_samples);
        campaign.Run("random changes", (driver, _) =>
        {
            var random = new Random(seed);
            driver.Open();
            for (int step = 0; step < (OperatingSystem.IsWindows() ? 15 : 40); step++)
            {
                driver.Step(random);
            }
        });
        Report($"random changes, seed {seed}", campaign, since);
    }

    [Test, Deadline(300)]
    public void Killed_at_any_call_and_opened_again_it_survives_a_power_cut_as_it_was_found()
    {
        long since = Stopwatch.GetTimestamp();
        var campaign = new LogCampaign(seed: 1, samples: 1);
        int kills = 0;
        bool isKilled = true;
        for (int calls = 0; isKilled; calls += OperatingSystem.IsWindows() ? 4 : 1, kills++)
        {
            campaign.Run($"killed after {calls} calls", (driver, disk) => isKilled = KillAndGoOn(driver, disk, calls));
        }

        TestContext.Out.Write($"{kills} kills: ");
        Report("killed and opened again", campaign, since);
        Assert.That(kills, Is.GreaterThan(3));
    }

    [Test]
    public void A_single_flush_that_is_no_barrier_is_found_whichever_it_is([Range(1, Flushes)] int ignored)
    {
        var campaign = new LogCampaign(seed: 1, ManySamples);
        campaign.Run("flush ignored", Workload, flush => flush == ignored);

        TestContext.Out.WriteLine($"flush {ignored}: {campaign.ViolationCount} of {campaign.States} states violate");
        Assert.That(campaign.Violations, Is.Not.Empty);
    }

    [Test]
    public void What_a_killed_compaction_left_in_the_cache_must_be_made_durable_first()
    {
        // The opening's first flush does that; the calls before it are the same in every run.
        int flushes = 0;
        var honest = new LogCampaign(seed: 1, s_samples);
        honest.Run("honest", KillAfterHeader, _ => ++flushes < 0);
        Assert.That(honest.Violations, Is.Empty);

        var found = new List<int>();
        for (int ignored = 1; ignored <= flushes; ignored++)
        {
            var campaign = new LogCampaign(seed: 1, ManySamples);
            campaign.Run("ignored", KillAfterHeader, flush => flush == ignored);
            if (campaign.ViolationCount > 0)
            {
                found.Add(ignored);
            }
        }

        Assert.That(found, Is.EqualTo(Enumerable.Range(1, flushes)));
    }

    /// <summary>The compaction's header is written and not flushed; the next process builds on it.</summary>
    private static void KillAfterHeader(LogDriver driver, MortalDisk disk)
    {
        const int BodyFlushAndHeader = 3;
        driver.Open();
        driver.Append();
        driver.Flush();
        disk.CallsLeft = BodyFlushAndHeader;
        Assert.That(() => driver.Compact([5]), Throws.TypeOf<VolumeException>());
        disk.CallsLeft = int.MaxValue;
        driver.Kill();
        driver.Open();
        Assert.That(driver.Promise.Flushed, Is.EqualTo([5]));
        driver.Append();
        driver.Flush();
    }

    /// <returns>False if it was done before it was killed.</returns>
    private static bool KillAndGoOn(LogDriver driver, MortalDisk disk, int calls)
    {
        bool isKilled = false;
        disk.CallsLeft = calls;
        try
        {
            OpenAndFill(driver);
        }
        catch (VolumeException)
        {
            isKilled = true;
        }

        disk.CallsLeft = int.MaxValue;
        driver.Kill();
        driver.Open();
        driver.Append();
        driver.Flush();
        driver.Compact();
        return isKilled;
    }

    private static void Workload(LogDriver driver, MortalDisk disk)
    {
        OpenAndFill(driver);
        driver.Append();
        driver.Compact();
        driver.Append();
        driver.Flush();
        driver.Reopen();
        driver.Append();
        driver.Flush();
    }

    /// <summary>Batches of one and of two, a compaction, and a batch behind it.</summary>
    private static void OpenAndFill(LogDriver driver)
    {
        driver.Open();
        driver.Append();
        driver.Flush();
        driver.Append();
        driver.Append();
        driver.Flush();
        driver.Compact();
        driver.Append();
        driver.Flush();
    }

    private static void Report(string name, LogCampaign campaign, long since)
    {
        TestContext.Out.WriteLine(
            $"{name}: {campaign.States} states in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s; "
                + $"{campaign.OfSecondCrash} of second crashes, {campaign.Attempted} held what was being attempted; "
                + $"{campaign.ViolationCount} violations");
        Assert.That(campaign.Violations, Is.Empty);
        Assert.That(campaign.Attempted, Is.Positive, "both outcomes must have been seen");
    }
}
