using System.Diagnostics;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>
/// Power goes at every call of what volumes are used for, and what was in flight arrives in part and in any order.
/// </summary>
public class CrashCampaignTests
{
    private static readonly int s_samples = OperatingSystem.IsWindows() ? 1 : 6;

    private static IEnumerable<string> Scenarios => CrashScenarios.All.Keys;

    [TestCaseSource(nameof(Scenarios)), Deadline(300)]
    public void Whatever_a_power_cut_leaves_is_one_commit_that_was_reported_or_attempted(string scenario) =>
        Run(scenario, seed: 1, s_samples);

    [TestCaseSource(nameof(Scenarios)), Category("Soak"), Deadline(3000)]
    public void Whatever_one_of_many_power_cuts_leaves_is_one_commit_that_was_reported_or_attempted(string scenario)
    {
        for (int seed = 2; seed <= 7; seed++)
        {
            Run(scenario, seed, samples: 20);
        }
    }

    internal static void Report(string name, CrashCampaign campaign, long since) => TestContext.Out.WriteLine(
        $"{name}: {campaign.States} states in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s; "
            + $"{campaign.OfRecovery} of recoveries, {campaign.OfSecondCrash} of second crashes, "
            + $"{campaign.Attempted} held what was being attempted; {campaign.ViolationCount} violations");

    private static void Run(string scenario, int seed, int samples)
    {
        long start = Stopwatch.GetTimestamp();
        var campaign = new CrashCampaign(seed, samples);
        campaign.Run(scenario, CrashScenarios.All[scenario]);
        Report($"{scenario}, seed {seed}", campaign, start);

        Assert.That(campaign.Violations, Is.Empty);
        Assert.That(campaign.Attempted, Is.Positive, "both outcomes must have been seen");
        Assert.That(campaign.OfRecovery, Is.Positive);
    }
}
