using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Power goes at every call of one sequence of changes, and of the opening after it.</summary>
/// <remarks>All on a simulated disk, which is the same on every system: once is enough.</remarks>
[LinuxOnly]
public class VolumePowerCutTests
{
    private const int Seeds = 2;                                    // CrashCampaignTests have many more

    private static readonly VolumeOptions s_create = new() { Create = true };

    [Test, Deadline(300)]
    public void At_every_call_of_an_import_it_holds_what_was_reported_last_or_what_was_being_committed()
    {
        int afterCommit = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            bool cut = true;
            for (int call = 1; cut; call++)
            {
                var disk = new SimulatedDisk(seed * 1000 + call) { PowerCutAtCall = call };
                (VolumeModel reported, VolumeModel attempted) = Import(disk);
                cut = !disk.HasPower;
                afterCommit += CheckReopened(disk.Reopen(), reported, attempted, $"seed {seed}, call {call}") ? 1 : 0;
            }
        }

        // Both outcomes must have been seen, or the test shows less than it says.
        Assert.That(afterCommit, Is.GreaterThan(Seeds));
    }

    [Test, Deadline(300)]
    public void At_every_call_of_random_changes_it_holds_what_was_reported_last_or_what_was_being_committed(
        [Range(1, 3)] int seed)
    {
        const int Steps = 25;
        bool cut = true;
        for (int call = 1; cut; call++)
        {
            var disk = new SimulatedDisk((seed * 1000) + call) { PowerCutAtCall = call };
            var random = new Random(seed);
            VolumeDriver? driver = null;
            try
            {
                driver = new VolumeDriver(Volume.Open(disk, s_create));
                for (int step = 0; step < Steps; step++)
                {
                    driver.Step(random);
                }
            }
            catch (VolumeException) when (!disk.HasPower)
            {
            }

            cut = !disk.HasPower;
            var empty = new VolumeModel();
            CheckReopened(
                disk.Reopen(), driver?.Reported ?? empty, driver?.Attempted ?? empty, $"seed {seed}, call {call}");
        }
    }

    [Test]
    public void At_every_call_of_opening_for_writing_the_newest_commit_stays()
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            var disk = new SimulatedDisk(seed);
            (VolumeModel reported, _) = Import(disk);
            for (int call = 1; call <= 4; call++)
            {
                SimulatedDisk cut = disk.Reopen(seed, powerCutAtCall: call);
                Assert.That(() => Volume.Open(cut), Throws.TypeOf<VolumeException>());
                CheckReopened(cut.Reopen(), reported, reported, $"seed {seed}, call {call} of opening");
            }
        }
    }

    [Test]
    public void A_kill_before_the_superblock_reached_the_medium_and_then_a_power_cut_lose_nothing_that_was_read()
    {
        for (int seed = 1; seed <= 50; seed++)
        {
            var disk = new SimulatedDisk(seed);
            var driver = new VolumeDriver(Volume.Open(disk, s_create));
            driver.Create("a", 1 << 20);
            disk.FailAtCall(disk.Calls + 6, Status.IoError); // the last flush: the superblock is in the cache only
            Assert.That(() => driver.Commit("a", new() { [3] = 3 }), Throws.TypeOf<VolumeException>());

            // The next process sees the new version, and from then on it must survive.
            SimulatedDisk reopened = disk.Reopen(seed);
            Volume seen = Volume.Open(reopened);
            Assert.That(driver.Attempted.DifferenceTo(seen), Is.Null);
            reopened.CutPower();
            CheckReopened(reopened.Reopen(), driver.Attempted, driver.Attempted, $"seed {seed}");
        }
    }

    /// <returns>Whether it holds what was being committed, and that differs from what was reported.</returns>
    private static bool CheckReopened(SimulatedDisk disk, VolumeModel reported, VolumeModel attempted, string where)
    {
        using Volume volume = Volume.Open(disk, s_create);
        string? toReported = reported.DifferenceTo(volume);
        string? toAttempted = attempted.DifferenceTo(volume);
        Assert.That(toReported is null || toAttempted is null, $"{where}: {toReported}; {toAttempted}");
        Assert.That(volume.Verify().Damages, Is.Empty, where);

        // And it can be written: nothing that the newest commit needs is taken for free.
        var driver = new VolumeDriver(volume, toReported is null ? reported : attempted);
        driver.Create("after", 1 << 20);
        driver.Commit("after", new() { [1] = 1, [2] = 2 });
        driver.Commit("after", new() { [1] = 3 });
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null, where);
        return toReported is not null;
    }

    /// <summary>Creates, fills, patches, replaces and deletes until it is done or the power goes.</summary>
    private static (VolumeModel Reported, VolumeModel Attempted) Import(SimulatedDisk disk)
    {
        VolumeDriver? driver = null;
        try
        {
            driver = new VolumeDriver(Volume.Open(disk, s_create));
            driver.Create("file", 3 << 20);
            driver.Commit("file", new(Enumerable.Range(0, 700).ToDictionary(i => (ulong)i, i => i % 10)));
            driver.Commit("file", new() { [0] = -1, [300] = 0, [699] = -3 });
            driver.Create("other", 1L << 40);
            driver.Commit("other", new() { [0] = 1, [1 << 27] = 2 });
            driver.Clone("file", 1, "clone");
            driver.Commit("clone", new() { [2] = 22, [300] = 23 });
            driver.Restore("file", 1);
            driver.Commit("file", new() { [5] = 55 });
            driver.Discard("file", 1, 2);
            driver.Delete("file");
            driver.Commit("other", new() { [1] = 4 });
            driver.Discard("clone", 1);
            driver.Create("file", 1 << 20);
            driver.Commit("file", new(Enumerable.Range(0, 200).ToDictionary(i => (ulong)i, i => i + 77)));
        }
        catch (VolumeException) when (!disk.HasPower)
        {
        }

        var empty = new VolumeModel();
        return (driver?.Reported ?? empty, driver?.Attempted ?? empty);
    }
}
