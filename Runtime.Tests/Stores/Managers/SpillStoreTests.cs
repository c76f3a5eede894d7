using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Native.Windows;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Native;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Versions whose manager gives no pages back: what leaves memory dirty is put aside.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class SpillStoreTests(TrapEngine engine)
{
    private const int Threads = 4;

    // One page each; on Windows each in a chunk of its own, since memory comes and goes by chunks there.
    private static readonly long s_stride = OperatingSystem.IsWindows() ? Chunk.Size : PageNumber.Size;
    private static readonly long s_budgetUnits = AvailableMemory.LeastBudget / s_stride;
    private static readonly long s_units = s_budgetUnits * 5 / 4;

    [Test, Deadline(120)]
    public void Threads_collections_and_snapshots_at_once_find_what_they_wrote_and_versions_are_whole(
        [Values(1, 2)] int seed)
    {
        using var disk = new SimulatedDisk();
        long units = 3 * s_budgetUnits;
        var model = new long[units];
        using (Volume volume = Volume.Open(disk, new VolumeOptions { Create = true }))
        using (Kernel kernel = Boot(volume))
        using (var collections = new Collections())
        {
            Container container = kernel.OpenContainer("a", units * s_stride);
            Wine.TouchChunks(container);
            bool isOver = false;
            long written = 0;
            Task cutter = Task.Run(() =>
            {
                for (long next = 4 * s_budgetUnits; !Volatile.Read(ref isOver); Thread.Yield())
                {
                    if (Interlocked.Read(ref written) >= next)      // more than memory holds
                    {
                        container.TakeSnapshot().WaitForDurable();
                        next = Interlocked.Read(ref written) + (4 * s_budgetUnits);
                    }
                }
            });
            Team.Run(Threads, thread =>
            {
                var random = new Random(seed * 100 + thread);
                for (int i = 0; i < (OperatingSystem.IsWindows() ? 120 : 2000); i++)
                {
                    long unit = random.NextInt64(units / Threads) * Threads + thread;
                    AssertHolds(container, unit, model[unit], $"seed {seed}");
                    Write(container, unit, ++model[unit]);
                    Interlocked.Increment(ref written);
                }
            });
            Volatile.Write(ref isOver, true);
            cutter.Wait();
            Assert.That(kernel.Statistics.Spills, Is.Positive, $"seed {seed}");
            AssertVersionsAreWhole(kernel, units, seed);
            container.TakeSnapshot().WaitForDurable();
        }

        using Volume last = Volume.Open(disk.Reopen());
        using Kernel again = Boot(last);
        Container reopened = again.OpenContainer("a");
        for (long unit = 0; unit < units; unit++)
        {
            AssertHolds(reopened, unit, model[unit], $"seed {seed}, again");
        }

        Assert.That(last.Verify().IsSound, Is.True);
    }

    /// <summary>Not where memory comes by chunks: as few pages as fit then find room in any volume.</summary>
    [Test, LinuxOnly, Deadline(60)]
    public void A_full_disk_refuses_and_loses_nothing()
    {
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        using Kernel kernel = Boot(volume);
        Container container = kernel.OpenContainer("a", 2 * s_budgetUnits * s_stride);
        disk.Capacity = disk.BlockCount + (s_budgetUnits / 4);
        long written = 0;
        try
        {
            for (; written < 2 * s_budgetUnits; written++)
            {
                Write(container, written, written + 1);
            }
        }
        catch (ContainerFaultException e)
        {
            Assert.That(e.Status, Is.EqualTo(Status.NoResources));
        }

        Assert.That(written, Is.InRange(s_budgetUnits, 2 * s_budgetUnits - 1));
        disk.Capacity = long.MaxValue;
        for (long unit = 0; unit < written; unit++)
        {
            AssertHolds(container, unit, unit + 1, "full");
        }

        container.TakeSnapshot().WaitForDurable();
        Assert.That(kernel.Statistics.SpilledPages, Is.Zero);
    }

    /// <summary>Power goes at every so-manieth call of a run that spills, snapshots and spills again.</summary>
    [Test, Deadline(240)]
    public void Whenever_power_goes_versions_are_whole_and_nothing_of_the_open_interval_is_there()
    {
        int step = OperatingSystem.IsWindows() ? 20 : 5;
        long since = Stopwatch.GetTimestamp();
        int cuts = 0;
        for (int call = 1; ; call += step)
        {
            var disk = new SimulatedDisk(seed: call) { PowerCutAtCall = call };
            int reported = Work(disk, out int attempted);
            bool isOver = disk.HasPower;
            if (isOver)
            {
                disk.CutPower();
            }

            AssertRecovered(disk.Reopen(seed: call), reported, attempted, $"power cut at call {call}");
            cuts++;
            if (isOver)
            {
                Assert.That(reported, Is.EqualTo(2));
                break;
            }
        }

        TestContext.Out.WriteLine(
            $"{engine}: {cuts} power cuts in {Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s");
        Assert.That(cuts, Is.GreaterThan(OperatingSystem.IsWindows() ? 3 : 40));
    }

    /// <summary>Writes, cuts, writes over it, cuts, and writes once more, each time more than memory holds.</summary>
    /// <returns>The newest version that was reported durable; 0 for none.</returns>
    private int Work(SimulatedDisk disk, out int attempted)
    {
        int reported = attempted = 0;
        Kernel? kernel = null;
        try
        {
            kernel = Boot(Volume.Open(disk, new VolumeOptions { Create = true }));
            Container container = kernel.OpenContainer("a", s_units * s_stride);
            for (int version = 1; version <= 3; version++)
            {
                for (long unit = 0; unit < s_units; unit += version)
                {
                    Write(container, unit, (version * 100_000) + unit);
                }

                Assert.That(kernel.Statistics.Spills, Is.Positive);
                if (version < 3)
                {
                    attempted = version;
                    container.TakeSnapshot().WaitForDurable();
                    reported = version;
                }
            }
        }
        catch (KernelException)
        {
            // Power is gone; what the machine does until it notices does not matter.
        }

        Dispose(kernel);
        return reported;
    }

    private static void Dispose(Kernel? kernel)
    {
        try
        {
            kernel?.Dispose();
        }
        catch (AggregateException)
        {
        }
    }

    private void AssertRecovered(SimulatedDisk disk, int reported, int attempted, string where)
    {
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        Assert.That(volume.Verify().IsSound, Is.True, where);
        if (volume.Find("a") is null)
        {
            Assert.That(reported, Is.Zero, where);
            return;
        }

        using Kernel kernel = Boot(volume);
        Assert.That(kernel.Statistics.SpilledPages, Is.Zero);
        Container container = kernel.OpenContainer("a");
        var newest = (int)(container.Interval.Value - 1);
        Assert.That(newest, Is.InRange(reported, attempted), where);
        for (long unit = 0; unit < s_units; unit++)
        {
            long value = newest == 0 ? 0 : unit + (newest == 2 && unit % 2 == 0 ? 200_000 : 100_000);
            AssertHolds(container, unit, value, where);
        }
    }

    private Kernel Boot(Volume volume)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => volume,
            Engine = engine,
            MemoryBudget = AvailableMemory.LeastBudget,
            SnapshotOnDispose = false,
        };
        options.Managers.Add("snapshotting", () => new StubbornManager(
            new SnapshottingManager(volume, new SnapshottingOptions { ReadAhead = 0 })));
        return Kernel.Boot(options);
    }

    private static void Write(Container container, long unit, long value)
    {
        container.View.Write(unit * s_stride, value);
        container.View.Write((unit * s_stride) + PageNumber.Size - sizeof(long), value);
    }

    private static void AssertHolds(Container container, long unit, long value, string where)
    {
        Assert.That(container.View.Read<long>(unit * s_stride), Is.EqualTo(value), $"{where}, {unit}");
        Assert.That(
            container.View.Read<long>((unit * s_stride) + PageNumber.Size - sizeof(long)),
            Is.EqualTo(value),
            $"{where}, end of {unit}");
    }

    /// <summary>
    /// What a version has of a page was written in order: its end may be one behind its beginning; and a later version
    /// has nothing older.
    /// </summary>
    private static void AssertVersionsAreWhole(Kernel kernel, long units, int seed)
    {
        var before = new long[units];
        IReadOnlyList<SnapshotInfo> history = kernel.History("a");
        Assert.That(history, Is.Not.Empty);
        foreach (SnapshotInfo info in history.Where((_, index) => index % (1 + (history.Count / 8)) == 0))
        {
            using Container version = kernel.OpenVersion("a", info.Interval);
            for (long unit = 0; unit < units; unit++)
            {
                long head = version.View.Read<long>(unit * s_stride);
                long tail = version.View.Read<long>((unit * s_stride) + PageNumber.Size - sizeof(long));
                Assert.That(tail == head || tail == head - 1, $"seed {seed}, {info.Interval}, {unit}: {head}, {tail}");
                Assert.That(head, Is.GreaterThanOrEqualTo(before[unit]), $"seed {seed}, {info.Interval}, {unit}");
                before[unit] = head;
            }
        }
    }
}
