using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Native;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Under a kernel each call of the system, and each allocation of native memory, fails once.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public partial class KernelFailureTests(TrapEngine engine)
{
    private const int Pages = 6;
    private const int Cuts = 3;
    private const long Stride = 20_000 * PageNumber.Size;       // pages lie in different leaves of all tables

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory()
    {
        NativeHeap.Refuses = null;
        _directory.Dispose();
    }

    [Test]
    public void A_page_whose_read_fails_is_a_fault_and_its_next_touch_has_it()
    {
        var system = new SimulatedFileSystem(_directory.Path, seed: 1);
        Fill(system);
        using Volume volume = Volume.Open(_directory["home"], new VolumeOptions(), system);
        using Kernel kernel = Boot(volume);
        Container container = kernel.OpenContainer("a");
        container.View.Read<long>(0);                           // the nodes of the map are known from now on
        system.FailNext(SystemCall.Read, SimulatedError.Medium);

        ContainerFaultException e = Assert.Throws<ContainerFaultException>(
            () => container.View.Read<long>(PageNumber.Size))!;
        Assert.That(e.Status, Is.EqualTo(Status.IoError));
        Assert.That(e.ToString(), Does.Contain("read '").And.Contain(SimulatedError.Medium.Words));
        Assert.That(container.View.Read<long>(PageNumber.Size), Is.EqualTo(77));
    }

    [Test]
    public void A_snapshot_that_cannot_be_saved_keeps_memory_and_the_next_one_is_durable()
    {
        var system = new SimulatedFileSystem(_directory.Path, seed: 1);
        using (Volume volume = Volume.Open(_directory["home"], new VolumeOptions { Create = true }, system))
        using (Kernel kernel = Boot(volume))
        {
            Container container = kernel.OpenContainer("a", Pages * Stride);
            Write(container, cut: 1);
            system.FailNext(SystemCall.Write, SimulatedError.Full);
            Assert.That(
                () => container.TakeSnapshot().WaitForDurable(),
                Throws.InstanceOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
            AssertHolds(container, cut: 1, "after the failure");
            container.TakeSnapshot().WaitForDurable();
        }

        system.CutPower();
        system.Restart();
        using Volume again = Volume.Open(_directory["home"], new VolumeOptions(), system);
        using Kernel next = Boot(again);
        AssertHolds(next.OpenContainer("a"), cut: 1, "after a power cut");
    }

    [Test, Deadline(300)]
    public void Whichever_call_of_the_system_fails_memory_and_what_was_durable_stay(
        [Values("EIO", "ENOSPC")] string name)
    {
        SimulatedError error = name == "EIO" ? SimulatedError.Medium : SimulatedError.Full;
        int step = OperatingSystem.IsWindows() ? 7 : 1;
        long since = Stopwatch.GetTimestamp();
        int call = 1;
        int told = 0;
        for (; ; call += step)
        {
            var system = new SimulatedFileSystem(_directory.Path, seed: call);
            system.FailAtCall(call, error);
            var run = new KernelFailureRun(this, system, Path.Combine(_directory.Path, $"{call}"), $"call {call}");
            run.Do();
            told += run.Told;
            if (system.Failed is null)
            {
                break;
            }
        }

        TestContext.Out.WriteLine(
            $"{engine}, {name}: {(call - 1) / step} calls failed, of {told} an exception told, in "
                + $"{Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s");
        Assert.That(told, Is.GreaterThan(10 / step));
    }

    [Test, Deadline(300)]
    public void Whichever_allocation_of_native_memory_fails_the_kernel_goes_on()
    {
        long since = Stopwatch.GetTimestamp();
        int number = 1;
        int told = 0;
        for (; ; number++)
        {
            int allocations = 0;
            var system = new SimulatedFileSystem(_directory.Path, seed: number);
            NativeHeap.Refuses = () => Interlocked.Increment(ref allocations) == number;
            var run = new KernelFailureRun(
                this, system, Path.Combine(_directory.Path, $"m{number}"), $"allocation {number}");
            run.Do();
            NativeHeap.Refuses = null;
            told += run.Told;
            if (allocations < number)
            {
                break;
            }
        }

        TestContext.Out.WriteLine(
            $"{engine}: {number - 1} allocations failed, of {told} an exception told, in "
                + $"{Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s");
        Assert.That(told, Is.GreaterThan(10));
    }

    internal Kernel Boot(Volume volume)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => volume,
            Engine = engine,
            SnapshotOnDispose = false,
            FaultDeadline = TimeSpan.FromSeconds(20),
        };

        // Without read-ahead, so that a failure has one place and not two.
        options.Managers.Add(
            "snapshotting", () => new SnapshottingManager(volume, new SnapshottingOptions { ReadAhead = 0 }));
        return Kernel.Boot(options);
    }

    internal static long Value(int cut, int page) => (cut * 1000) + page;

    private void Fill(SimulatedFileSystem system)
    {
        using Volume volume = Volume.Open(_directory["home"], new VolumeOptions { Create = true }, system);
        using Kernel kernel = Boot(volume);
        Container container = kernel.OpenContainer("a", Pages * Stride);
        Write(container, Cuts);
        container.View.Write(PageNumber.Size, 77L);
        container.TakeSnapshot().WaitForDurable();
    }

    private static void Write(Container container, int cut)
    {
        for (int page = 0; page < Pages; page++)
        {
            container.View.Write(page * Stride, Value(cut, page));
        }
    }

    private static void AssertHolds(Container container, int cut, string where)
    {
        for (int page = 0; page < Pages; page++)
        {
            Assert.That(container.View.Read<long>(page * Stride), Is.EqualTo(Value(cut, page)), where);
        }
    }

    /// <summary>Boots, writes, takes snapshots and boots again; what fails once is done again.</summary>
    private sealed class KernelFailureRun(
        KernelFailureTests tests, SimulatedFileSystem system, string home, string where, Action? failNoMore = null)
    {
        // What is on the disk is one of these; 0 before the first snapshot.
        private int _durable;
        private int _attempted;
        private bool _exists;

        /// <summary>How many exceptions there were: at most one, but for those of a volume that is closed.</summary>
        public int Told { get; private set; }

        /// <summary>What the first one said.</summary>
        public string Words { get; private set; } = string.Empty;

        public void Do()
        {
            // A failed flush closes the volume; then the rest is done in the next process.
            for (int cut = 1, boots = 0; cut <= Cuts && boots < 3; boots++)
            {
                using Volume volume = Again(
                    () => Volume.Open(home, new VolumeOptions { Create = !_exists }, system));
                _exists = true;
                using Kernel kernel = Again(() => tests.Boot(volume));
                cut = Work(volume, kernel, cut);
            }

            Assert.That(_durable, Is.EqualTo(Cuts), where);
            system.FailNoMore();
            NativeHeap.Refuses = null;
            failNoMore?.Invoke();
            system.CutPower();
            system.Restart();
            using Volume last = Volume.Open(home, new VolumeOptions(), system);
            using Kernel again = tests.Boot(last);
            AssertHolds(again.OpenContainer("a"), Cuts, $"{where}, after a power cut");
            Assert.That(last.Verify().IsSound, where);
        }

        /// <returns>The cut that is to be made next.</returns>
        private int Work(Volume volume, Kernel kernel, int cut)
        {
            Container? container = null;
            while (container is null)
            {
                try
                {
                    container = kernel.OpenContainer("a", Pages * Stride);
                }
                catch (Exception e) when (IsExpected(e))
                {
                    if (volume.IsReadOnly)
                    {
                        return cut;
                    }
                }
            }

            Settle(container);
            for (; cut <= Cuts; cut++)
            {
                for (int page = 0; page < Pages; page++)
                {
                    long offset = page * Stride;
                    long value = Value(cut, page);
                    Again(() =>
                    {
                        container.View.Write(offset, value);
                        return true;
                    });
                }

                _attempted = cut;
                for (bool isDone = false; !isDone;)
                {
                    try
                    {
                        container.TakeSnapshot().WaitForDurable();
                        isDone = true;
                    }
                    catch (Exception e) when (IsExpected(e))
                    {
                        Check(container, cut);
                        if (volume.IsReadOnly)
                        {
                            return cut;
                        }
                    }
                }

                _durable = cut;
                Check(container, cut);
            }

            return cut;
        }

        /// <summary>Whether the container begins with what was reported last, or was attempted.</summary>
        private void Settle(Container container)
        {
            long first = Again(() => container.View.Read<long>(0));
            Assert.That(first, Is.AnyOf(
                _durable == 0 ? 0 : Value(_durable, 0), _attempted == 0 ? 0 : Value(_attempted, 0)), where);
            if (first != 0)
            {
                Check(container, (int)(first / 1000));
            }
        }

        private void Check(Container container, int cut)
        {
            for (int page = 0; page < Pages; page++)
            {
                long offset = page * Stride;
                Assert.That(Again(() => container.View.Read<long>(offset)), Is.EqualTo(Value(cut, page)), where);
            }
        }

        private T Again<T>(Func<T> work)
        {
            try
            {
                return work();
            }
            catch (Exception e) when (IsExpected(e))
            {
                return work();
            }
        }

        private bool IsExpected(Exception e)
        {
            Told++;
            Words = Words.Length == 0 ? e.ToString() : Words;
            Assert.That(Told, Is.LessThan(4), $"{where}: {e}");
            return e is KernelException or MemoryException or OutOfMemoryException;
        }
    }
}
