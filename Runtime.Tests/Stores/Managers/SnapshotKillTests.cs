using System.Globalization;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Stores;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// A child writes through a window, takes snapshots for ever and is killed at a random moment, again and again.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class SnapshotKillTests(TrapEngine engine)
{
    private const int Writes = 30;
    private const long Length = 16 << 20;

    // Under each engine; StoreKillTests have many more.
    private static readonly int s_kills = OperatingSystem.IsWindows() ? 5 : 15;

    [Test, Deadline(900)]
    public void A_kill_at_any_moment_never_loses_a_snapshot_that_was_reported()
    {
        using var directory = new TemporaryDirectory();
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess child = ChildProcess.Start(SnapshotsForEver, directory.Path, engine.Name);
            ulong reported = Parse(child.ReadLine());

            // Spinning, not sleeping: a snapshot takes less than a timer's tick.
            SpinWait.SpinUntil(() => false, TimeSpan.FromMicroseconds(random.Next(10_000)));
            child.Kill();
            while (child.ReadLine() is { } line)
            {
                reported = Parse(line);
            }

            child.WaitForExit();
            Check(directory.Path, reported, $"seed {seed}, kill {kill}");
        }
    }

    private static void Check(string directory, ulong reported, string where)
    {
        using Kernel kernel = Kernel.Boot(new KernelOptions { Volume = directory });
        IReadOnlyList<SnapshotInfo> history = kernel.History("a");
        ulong newest = history[^1].Interval.Value;
        Assert.That(newest, Is.EqualTo(reported).Or.EqualTo(reported + 1), where);
        ContainerView view = kernel.OpenContainer("a").View;
        Assert.That(view.Read<ulong>(0), Is.EqualTo(newest), where);
        AssertWritten(view, newest, where);
        using Container version = kernel.OpenVersion("a", history[history.Count / 2].Interval);
        Assert.That(version.View.Read<ulong>(0), Is.EqualTo(version.Interval.Value), where);
        AssertWritten(version.View, version.Interval.Value, where);
    }

    private static void AssertWritten(ContainerView view, ulong interval, string where)
    {
        foreach (long offset in Offsets(interval))
        {
            Assert.That(
                view.Read<ulong>(offset), Is.EqualTo(interval), $"{where}, interval {interval}, offset {offset}");
        }
    }

    [Child]
    private static int SnapshotsForEver(string[] args)
    {
        using Kernel kernel = Kernel.Boot(new KernelOptions
        {
            Volume = args[0],
            Engine = Engines.Named(args[1]),
            SnapshotOnDispose = false,
        });
        Container container = kernel.OpenContainer("a", Length);
        while (true)
        {
            ulong interval = container.Interval.Value;
            container.View.Write(0, interval);
            foreach (long offset in Offsets(interval))
            {
                container.View.Write(offset, interval);
            }

            Snapshot snapshot = container.TakeSnapshot();
            snapshot.WaitForDurable();
            Console.WriteLine(snapshot.Interval.Value);
        }
    }

    private static SortedSet<long> Offsets(ulong interval)
    {
        var random = new Random((int)interval);
        return [.. Enumerable.Range(0, Writes).Select(_ => random.NextInt64(1, Length / 8) * 8)];
    }

    private static ulong Parse(string? line) => ulong.Parse(line!, CultureInfo.InvariantCulture);
}
