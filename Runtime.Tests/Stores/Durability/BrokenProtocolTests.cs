using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>The campaign finds what it looks for: on a disk that lies, the same volume breaks its promises.</summary>
/// <remarks>Arithmetic on a simulated disk, which is the same on every system: once is enough.</remarks>
[LinuxOnly]
public class BrokenProtocolTests
{
    // Of the creation there is one, of every commit two: of the blocks, and of the superblock.
    private const int Flushes = 13;

    [Test]
    public void A_single_flush_that_is_no_barrier_is_found_whichever_it_is([Range(1, Flushes)] int ignored)
    {
        var campaign = new CrashCampaign(seed: 1, samples: 4);
        campaign.Run("flush ignored", Workload, flush => flush == ignored);

        TestContext.Out.WriteLine($"flush {ignored}: {campaign.ViolationCount} of {campaign.States} states violate");
        Assert.That(campaign.Violations, Is.Not.Empty);
    }

    [TestCase(0, Description = "the superblock may come before what it leads to")]
    [TestCase(1, Description = "what was reported may not be there")]
    public void One_of_the_two_flushes_of_every_commit_is_not_enough(int ignored)
    {
        var campaign = new CrashCampaign(seed: 1, samples: 4);
        campaign.Run("flushes ignored", Workload, flush => flush > 1 && flush % 2 == ignored);

        Assert.That(campaign.Violations, Is.Not.Empty);
    }

    [Test]
    public void On_an_honest_disk_nothing_is_found()
    {
        var campaign = new CrashCampaign(seed: 1, samples: 4);
        campaign.Run("honest", run =>
        {
            Workload(run);
            Assert.That(run.Journal.Entries.Count(entry => entry.IsFlush), Is.EqualTo(Flushes));
        });

        Assert.That(campaign.Violations, Is.Empty);
    }

    private static void Workload(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 20);
        for (int i = 1; i <= 4; i++)
        {
            run.Driver.Commit("a", new() { [1] = i, [(ulong)i * 3] = i * 1000 });
        }

        run.Driver.Discard("a", 1, 2);
    }
}
