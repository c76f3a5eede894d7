using NUnit.Framework;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Logs;

/// <summary>Random changes, held against a list of numbers.</summary>
public class KernelLogPropertyTests
{
    private static readonly int s_steps = OperatingSystem.IsWindows() ? 100 : 600;

    [Test]
    public void A_log_holds_what_a_list_would_whatever_is_done_to_it([Range(1, 3)] int seed)
    {
        var random = new Random(seed);
        using var disk = new SimulatedDisk(seed);
        var driver = new LogDriver(disk);
        driver.Open();
        long most = 0;
        for (int step = 0; step < s_steps; step++)
        {
            driver.Step(random);
            most = Math.Max(most, driver.Log.Blocks);
            string? difference = LogUse.Difference(LogUse.Read(disk.Reopen()), driver.Promise.Flushed);
            Assert.That(difference, Is.Null, $"seed {seed}, step {step}");
        }

        TestContext.Out.WriteLine(
            $"seed {seed}: {s_steps} steps, {driver.Next - 1} records, at most {most} blocks, "
                + $"{disk.BlockCount} on disk");
        driver.Close();
    }
}
