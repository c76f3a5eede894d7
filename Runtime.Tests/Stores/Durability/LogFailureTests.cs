using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Logs;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Each call of the system that the kernel's log makes fails once, or is the last before power goes.</summary>
public class LogFailureTests
{
    private static readonly int s_every = OperatingSystem.IsWindows() ? 5 : 1;

    private static readonly Dictionary<string, SimulatedError> s_errors = new()
    {
        ["EIO"] = SimulatedError.Medium,
        ["ENOSPC"] = SimulatedError.Full,
        ["EROFS"] = SimulatedError.ReadOnly,
    };

    // What is done, step by step; each can be tried again.
    private static readonly Action<LogDriver>[] s_steps =
    [
        driver => driver.Append(),
        driver => driver.Flush(),
        driver => driver.Append(),
        driver => driver.Append(),
        driver => driver.Flush(),
        driver => driver.Compact([1, 3]),
        driver => driver.Append(),
        driver => driver.Flush(),
        driver => driver.Compact([4]),
        driver => driver.Append(),
        driver => driver.Flush(),
    ];

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [TestCase("EIO", false)]
    [TestCase("EIO", true)]
    [TestCase("ENOSPC", false)]
    [TestCase("EROFS", false)]
    public void Whichever_call_fails_is_told_and_nothing_that_was_flushed_is_lost(string name, bool reopens)
    {
        int told = 0;
        int call = 1;
        for (; ; call += s_every)
        {
            using var run = new Run(_directory, $"{call}", seed: call);
            run.System.FailAtCall(run.System.Calls.Count + call, s_errors[name]);
            foreach (Action<LogDriver> step in s_steps)
            {
                Try(run, step, $"call {call}");
                if (reopens)
                {
                    Retry(run, run.Close, run.Open, $"call {call}");
                }
            }

            if (run.System.Failed is null)
            {
                break;
            }

            told += run.Told;
            run.System.CutPower();
            run.System.Restart();
            run.Close();
            Assert.That(run.Open, Throws.Nothing, $"call {call}, after a power cut");
        }

        TestContext.Out.WriteLine($"{(call - 1) / s_every} calls failed with {name}, {told} told");
        Assert.That(told, Is.Positive);
    }

    [Test]
    public void Wherever_power_goes_a_log_that_has_reported_anything_is_found_again()
    {
        int seeds = OperatingSystem.IsWindows() ? 2 : 6;
        int states = 0;
        for (int seed = 1; seed <= seeds; seed++)
        {
            bool isCut = true;
            for (int call = 1; isCut; call++, states++)
            {
                using var run = new Run(_directory, $"{seed}-{call}", (seed * 1000) + call);
                run.System.PowerCutAtCall = run.System.Calls.Count + call;
                try
                {
                    run.Open();
                    Array.ForEach(s_steps, step => step(run.Driver));
                    run.Close();
                }
                catch (VolumeException)
                {
                }

                isCut = !run.System.HasPower;
                run.System.Restart();
                run.Close();
                Assert.That(run.Open, Throws.Nothing, $"seed {seed}, call {call}");
            }
        }

        TestContext.Out.WriteLine($"{states} power cuts, seeds 1 to {seeds}");
        Assert.That(states, Is.GreaterThan(seeds));
    }

    /// <summary>Does it again after a failure, in a new process if the log is closed for writing.</summary>
    private static void Try(Run run, Action<LogDriver> step, string where)
    {
        if (!run.IsOpen)
        {
            Retry(run, run.Close, run.Open, where);
        }

        try
        {
            step(run.Driver);
        }
        catch (VolumeException e)
        {
            run.Tell(e, where);
            if (run.Driver.Log.IsReadOnly)
            {
                run.Close();
                run.Open();
            }

            step(run.Driver);
        }
    }

    private static void Retry(Run run, Action first, Action then, string where)
    {
        first();
        try
        {
            then();
        }
        catch (VolumeException e)
        {
            run.Tell(e, where);
            first();
            then();
        }
    }

    /// <summary>A volume made before there was a log, and its log.</summary>
    private sealed class Run : IDisposable
    {
        private readonly string _home;
        private Volume? _volume;

        public Run(TemporaryDirectory directory, string name, int seed)
        {
            _home = directory[name];
            System = new SimulatedFileSystem(directory.Path, seed) { HasShortTransfers = seed % 3 == 0 };
            Volume.Open(_home, new VolumeOptions { Create = true }, System).Dispose();
            Driver = new LogDriver(OpenLog);
        }

        public SimulatedFileSystem System { get; }

        public LogDriver Driver { get; }

        public bool IsOpen { get; private set; }

        public int Told { get; private set; }

        public void Open()
        {
            Driver.Open();
            IsOpen = true;
        }

        public void Close()
        {
            _volume?.Dispose();
            _volume = null;
            IsOpen = false;
        }

        public void Tell(VolumeException e, string where)
        {
            Told++;
            Assert.That(Told, Is.EqualTo(1), $"{where}: {e}");
            Assert.That(e.Message, Does.Contain(_home).Or.Contain(System.Root), where);
        }

        public void Dispose() => Close();

        private IKernelLog OpenLog()
        {
            _volume = Volume.Open(_home, new VolumeOptions(), System);
            return _volume.KernelLog!;
        }
    }
}
