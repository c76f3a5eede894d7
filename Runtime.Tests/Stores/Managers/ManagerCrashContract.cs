using NUnit.Framework;
using Runtime.Core;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// What every manager keeps that keeps what is written, while power goes or calls of the system fail: each fixture says
/// what is done meanwhile, and what must be there afterwards.
/// </summary>
public abstract class ManagerCrashContract
{
    /// <summary>Every how many calls power goes; and a call fails.</summary>
    private protected abstract (int Cuts, int Failures) Steps { get; }

    [Test, Deadline(300)]
    public void Power_goes_at_every_call([Values(1, 2)] int seed)
    {
        using var directory = new TemporaryDirectory();
        int step = Steps.Cuts;
        int cuts = 0;
        int newer = 0;
        for (int call = 1 + (seed - 1) % step; ; call += step)
        {
            var system = new SimulatedFileSystem(directory.Path, (seed * 100_000) + call) { PowerCutAtCall = call };
            CrashRun run = Begin(system, Path.Combine(directory.Path, $"{call}"), seed, $"seed {seed}, call {call}");
            run.Do();
            if (system.HasPower)
            {
                break;
            }

            system.Restart();
            newer += run.Check() ? 1 : 0;
            cuts++;
        }

        TestContext.Out.WriteLine($"seed {seed}: {cuts} power cuts, {newer} with a version that was not reported");
        Assert.That(cuts, Is.GreaterThan(60 / step));
        Assert.That(OperatingSystem.IsWindows() || newer > 0);
    }

    [Test, Deadline(300)]
    public void Every_call_fails_once([Values("EIO", "ENOSPC")] string name)
    {
        SimulatedError error = name == "EIO" ? SimulatedError.Medium : SimulatedError.Full;
        using var directory = new TemporaryDirectory();
        int step = Steps.Failures;
        int told = 0;
        for (int call = 1; ; call += step)
        {
            var system = new SimulatedFileSystem(directory.Path, call);
            system.FailAtCall(call, error);
            CrashRun run = Begin(system, Path.Combine(directory.Path, $"{call}"), call, $"{name} at call {call}");
            run.Do();
            if (system.Failed is null)
            {
                break;
            }

            told += run.Told;
            system.CutPower();
            system.Restart();
            run.Check();
        }

        TestContext.Out.WriteLine($"{name}: of the failures an exception told {told} times");
        Assert.That(told, Is.GreaterThan(20 / step));
    }

    private protected abstract CrashRun Begin(SimulatedFileSystem system, string home, int seed, string where);

    /// <summary>One life, and the look at what is left of it.</summary>
    private protected abstract class CrashRun
    {
        /// <summary>How often an exception told of a failure.</summary>
        public int Told { get; protected set; }

        public void Do()
        {
            try
            {
                Live();
            }
            catch (Exception failure) when (failure is KernelException or AggregateException)
            {
                Told++;                                             // the volume is closed, or power is gone
            }
        }

        /// <returns>Whether a version is there that nobody had been told of.</returns>
        public abstract bool Check();

        /// <summary>Until the end, or until something fails.</summary>
        protected abstract void Live();
    }
}
