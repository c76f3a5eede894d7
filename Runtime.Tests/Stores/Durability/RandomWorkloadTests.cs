using System.Diagnostics;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Random changes of any kind, many of them, with power cuts at every call.</summary>
public class RandomWorkloadTests
{
    [Test, Deadline(300)]
    public void Whatever_a_power_cut_leaves_of_random_changes_is_one_commit([Values(1)] int seed) =>
        Run(seed, steps: OperatingSystem.IsWindows() ? 10 : 25, samples: OperatingSystem.IsWindows() ? 1 : 3);

    [Test, Category("Soak"), Deadline(3000)]
    public void Whatever_one_of_many_power_cuts_leaves_of_random_changes_is_one_commit([Range(2, 5)] int seed) =>
        Run(seed, steps: 120, samples: 10);

    private static void Run(int seed, int steps, int samples)
    {
        long since = Stopwatch.GetTimestamp();
        var campaign = new CrashCampaign(seed, samples);
        campaign.Run("random changes", run =>
        {
            var random = new Random(seed);
            run.Open();
            for (int step = 0; step < steps; step++)
            {
                run.Driver.Step(random);
            }
        });
        CrashCampaignTests.Report($"{steps} random changes, seed {seed}", campaign, since);
        Assert.That(campaign.Violations, Is.Empty);
        Assert.That(campaign.Attempted, Is.Positive, "both outcomes must have been seen");
    }
}
