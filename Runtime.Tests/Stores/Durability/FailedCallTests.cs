using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Each call of the system fails once, and each in several ways.</summary>
public class FailedCallTests
{
    // What is done, step by step; each can be tried again.
    private static readonly Action<VolumeDriver>[] s_steps =
    [
        driver => driver.Create("a", 1 << 22),
        driver => driver.Commit("a", new() { [0] = 1, [1] = 2, [300] = 3 }),
        driver => driver.Commit("a", new(Enumerable.Range(0, 25).ToDictionary(i => (ulong)i, i => i + 5))),
        driver => driver.Create("b", 1L << 40),
        driver => driver.CommitTogether(("a", new() { [7] = 8 }), ("b", new() { [1 << 27] = 9 })),
        Evict,
        driver => driver.Clone("a", 2, "c"),
        driver => driver.Commit("c", new() { [2] = 77 }),
        driver => driver.Restore("a", 1),
        driver => driver.Commit("a", new() { [4] = 78 }, newLength: 40 * PageNumber.Size),
        driver => driver.Discard("a", 2),
        driver => driver.Rollback("a", 1),
        driver => Assert.That(driver.Reported.DifferenceTo(driver.Volume), Is.Null),
        driver => driver.Delete("a"),
        driver => driver.Commit("c", new() { [3] = 79 }),
    ];

    private static readonly Dictionary<string, SimulatedError> s_errors = new()
    {
        ["EIO"] = SimulatedError.Medium,
        ["ENOSPC"] = SimulatedError.Full,
        ["EROFS"] = SimulatedError.ReadOnly,
    };

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [TestCase("EIO", false)]
    [TestCase("EIO", true)]
    [TestCase("ENOSPC", false)]
    [TestCase("EROFS", false)]
    [Deadline(300)]
    public void Whichever_call_fails_is_named_and_nothing_that_was_reported_is_lost(string name, bool reopens)
    {
        int every = OperatingSystem.IsWindows() ? 5 : 1;
        SimulatedError error = s_errors[name];
        long since = Stopwatch.GetTimestamp();
        var named = new SortedDictionary<SystemCall, int>();
        int call = 1;
        for (; ; call += every)
        {
            var system = new SimulatedFileSystem(_directory.Path, seed: call) { HasShortTransfers = call % 8 == 0 };
            system.FailAtCall(call, error);
            string home = Path.Combine(_directory.Path, $"{call}", "home");
            var run = new FailedCallRun(system, home, error, $"call {call}");
            run.Do(s_steps, reopens);
            if (system.Failed is not { } failed)
            {
                break;
            }

            if (run.WasTold)
            {
                named[failed.Call] = named.GetValueOrDefault(failed.Call) + 1;
            }
        }

        TestContext.Out.WriteLine(
            $"{(call - 1) / every} calls failed with {error.Words}, reopening {reopens}, in "
                + $"{Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s; told: "
                + string.Join(", ", named.Select(n => $"{n.Key} {n.Value}")));
        SystemCall[] everywhere =
        [
            SystemCall.CreateDirectory, SystemCall.Open, SystemCall.Length, SystemCall.Read, SystemCall.Write,
            SystemCall.Flush,
        ];
        Assert.That(everywhere.Skip(every > 1 ? 4 : 0), Is.SubsetOf(named.Keys));
    }

    private static void Evict(VolumeDriver driver)
    {
        using VersionDraft draft = driver.Volume.OpenDraft(driver.Volume.Find("a")!);
        SortedDictionary<ulong, int> pages = new() { [1] = 11, [50] = 12 };
        VolumeDriver.Write(draft, pages);
        using VersionDraft next = draft.Continue();
        VolumeDriver.Write(next, new() { [1] = -1, [2] = -2 });
        driver.Commit("a", draft, pages);
    }
}
