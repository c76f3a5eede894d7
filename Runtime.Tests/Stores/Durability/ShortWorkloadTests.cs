using System.Diagnostics;
using NUnit.Framework;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>
/// Every sequence of a few changes, with power cuts during the last of them: what precedes that was a shorter sequence.
/// </summary>
/// <remarks>
/// After CrashMonkey and ACE (Mohan et al., OSDI 2018): most crash bugs that were ever reported need a new file system
/// and two or three calls.
/// </remarks>
public class ShortWorkloadTests
{
    private static readonly int s_longest = OperatingSystem.IsWindows() ? 2 : 3;

    private static IEnumerable<int> Lengths => Enumerable.Range(1, s_longest);

    [TestCaseSource(nameof(Lengths)), Deadline(300)]
    public void Whatever_a_power_cut_leaves_of_any_sequence_is_one_commit_that_was_reported_or_attempted(int length) =>
        Run(length, seed: 1, samples: OperatingSystem.IsWindows() ? 1 : 4);

    [Test, Category("Soak"), Deadline(3000)]
    public void Whatever_one_of_many_power_cuts_leaves_of_any_sequence_is_one_commit()
    {
        for (int seed = 2; seed <= 5; seed++)
        {
            Run(length: 3, seed, samples: 12);
        }
    }

    private static void Run(int length, int seed, int samples)
    {
        long since = Stopwatch.GetTimestamp();
        var begin = new CrashRun();
        ShortWorkloads.Begin(begin);
        ImageDisk start = ImageDisk.Of(begin.Journal);
        VolumeModel known = begin.Driver.Reported;
        var campaign = new CrashCampaign(seed, samples);
        int count = 0;
        foreach (string sequence in ShortWorkloads.Sequences(length))
        {
            var run = new CrashRun(start, known);
            run.Open();
            int last = 0;
            foreach (char change in sequence)
            {
                last = run.Journal.Entries.Count;
                ShortWorkloads.Alphabet[change](run);
            }

            run.Journal.End();
            campaign.Check($"sequence {sequence}", run.Journal, last, mayNest: count++ % 10 == 0);
        }

        CrashCampaignTests.Report($"{count} sequences of {length}, seed {seed}", campaign, since);
        Assert.That(campaign.Violations, Is.Empty);
        Assert.That(campaign.States, Is.GreaterThan(30 * count), "fewer states than there should be");
        Assert.That(campaign.Attempted, Is.Positive, "both outcomes must have been seen");
    }
}
