using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>The names that lead to a volume are as durable as what it has reported.</summary>
public class VolumeNamesTests
{
    private static readonly int s_seeds = OperatingSystem.IsWindows() ? 3 : 12;

    private static readonly VolumeOptions s_create = new() { Create = true };

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void Wherever_power_goes_a_volume_that_has_reported_anything_is_found_again()
    {
        int states = 0;
        int found = 0;
        for (int seed = 1; seed <= s_seeds; seed++)
        {
            bool isCut = true;
            for (int call = 1; isCut; call++, states++)
            {
                var system = new SimulatedFileSystem(_directory.Path, (seed * 1000) + call)
                {
                    PowerCutAtCall = call,
                    HasShortTransfers = seed % 2 == 0,
                };
                string home = Home($"{seed}-{call}");
                VolumeDriver? driver = Run(system, home);
                isCut = !system.HasPower;
                found += Check(system, home, driver, $"seed {seed}, call {call}") ? 1 : 0;
            }
        }

        TestContext.Out.WriteLine($"{states} power cuts, seeds 1 to {s_seeds}; a volume was found after {found}");
        Assert.That(found, Is.InRange(1, states - 1));
    }

    [Test]
    public void A_creation_that_was_killed_at_any_call_and_then_finished_is_found_after_a_power_cut()
    {
        int states = 0;
        for (int seed = 1; seed <= s_seeds; seed++)
        {
            for (int call = 1; ; call++, states++)
            {
                var system = new SimulatedFileSystem(_directory.Path, (seed * 1000) + call);
                system.FailAtCall(call, SimulatedError.Medium);
                string home = Home($"{seed}-{call}");
                VolumeDriver? killed = Run(system, home);
                if (system.Calls.Count < call)
                {
                    break;
                }

                VolumeDriver? driver = Run(system, home, killed);
                Assert.That(driver, Is.Not.Null);
                system.CutPower();
                Assert.That(Check(system, home, driver, $"seed {seed}, call {call}"));
            }
        }

        TestContext.Out.WriteLine($"{states} kills and power cuts, seeds 1 to {s_seeds}");
    }

    private string Home(string name) => Path.Combine(_directory.Path, name, "far", "home");

    /// <summary>Opens the volume, or makes it, and commits.</summary>
    /// <param name="system">Where.</param>
    /// <param name="home">The directory.</param>
    /// <param name="before">What was done to it before, by somebody who may have been interrupted.</param>
    private static VolumeDriver? Run(SimulatedFileSystem system, string home, VolumeDriver? before = null)
    {
        VolumeDriver? driver = null;
        try
        {
            using Volume volume = Volume.Open(home, s_create, system);
            VolumeModel[] possible = [before?.Reported ?? new(), before?.Attempted ?? new()];
            driver = new VolumeDriver(volume, possible.First(model => model.DifferenceTo(volume) is null));
            string name = $"container {system.Calls.Count}";
            driver.Create(name, 1 << 20);
            driver.Commit(name, new() { [3] = 4 });
        }
        catch (VolumeException)
        {
        }

        return driver;
    }

    /// <returns>Whether there is a volume.</returns>
    private static bool Check(SimulatedFileSystem system, string home, VolumeDriver? driver, string where)
    {
        system.Restart();
        try
        {
            using Volume volume = Volume.Open(home, new VolumeOptions(), system);
            VolumeModel reported = driver?.Reported ?? new();
            VolumeModel attempted = driver?.Attempted ?? new();
            string? toReported = reported.DifferenceTo(volume);
            Assert.That(toReported is null || attempted.DifferenceTo(volume) is null, $"{where}: {toReported}");
            Assert.That(volume.Verify().IsSound);
            return true;
        }
        catch (VolumeException e) when (driver is null)
        {
            Assert.That(() => Volume.Open(home, s_create, system).Dispose(), Throws.Nothing, $"{where}: {e.Message}");
            return false;
        }
    }
}
