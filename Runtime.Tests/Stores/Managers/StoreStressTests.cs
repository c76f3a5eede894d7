using System.Collections.Concurrent;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Native;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// Everything at once, under a budget far below the containers' size: each thread owns some pages of each container and
/// knows what they hold, whatever others do meanwhile.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class StoreStressTests(TrapEngine engine)
{
    private const int Threads = 4;
    private const int Names = 3;
    private const long Pages = 900;
    private const long PageSize = PageNumber.Size;

    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly ReaderWriterLockSlim _owning = new();
    private Owner[] _owners = null!;
    private (StateInterval Version, Dictionary<long, long>[] Values)?[] _noted = null!;
    private Kernel _kernel = null!;
    private Container[] _containers = null!;
    private ContainerWindow[] _windows = null!;

    [Test, Deadline(240)]
    public void Each_thread_finds_what_it_wrote([Values] bool fails, [Values(1, 16)] int unit)
    {
        const int Seed = 1;
        const int RoundMs = 2000;
        _failures.Clear();
        using var disk = new SimulatedDisk();
        var failing = new FailingDisk(disk);
        Owner[] owners = _owners = [.. Enumerable.Range(0, Threads).Select(index => new Owner(index))];
        for (int round = 0; round < 3; round++)
        {
            using Volume volume = Volume.Open(failing, new VolumeOptions { Create = true });
            Open(volume, unit);
            _noted = new (StateInterval, Dictionary<long, long>[])?[Names];
            try
            {
                foreach (Owner owner in owners)
                {
                    owner.AssertAll(_containers);
                }

                failing.OneIn = fails ? 200 : 0;
                long until = Environment.TickCount64 + RoundMs;
                Thread[] threads = [
                    .. owners.Select((owner, index) => new Thread(() =>
                        Run(new Random(Seed * 1000 + round * 10 + index), until, random => Use(owner, random)))),
                    .. Enumerable.Range(0, 2).Select(index => new Thread(() =>
                        Run(new Random(Seed * 2000 + round * 10 + index), until, Cut))),
                    new Thread(() => Run(new Random(Seed * 3000 + round), until, Manage))];
                Array.ForEach(threads, thread => thread.Start());
                Array.ForEach(threads, thread => thread.Join());
                failing.OneIn = 0;
                Assert.That(_failures, Is.Empty, $"round {round}");
                foreach (Owner owner in owners)
                {
                    owner.AssertAll(_containers);
                }
            }
            finally
            {
                failing.OneIn = 0;
                _kernel.Dispose();
            }

            Assert.That(_kernel.Statistics.MemoryInUse, Is.Zero);
        }

        using Volume last = Volume.Open(failing);
        Assert.That(last.Verify().Damages, Is.Empty);
    }

    private void Open(Volume volume, int unit)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => volume,
            Engine = engine,
            MemoryBudget = AvailableMemory.LeastBudget,
        };
        options.Managers.Add(
            "snapshotting",
            () => new SnapshottingManager(volume, new SnapshottingOptions { TransferUnit = unit }));
        _kernel = Kernel.Boot(options);
        _containers = [.. Enumerable.Range(0, Names).Select(index =>
            _kernel.OpenContainer($"c{index}", volume.Find($"c{index}") is null ? Pages * PageSize : null))];
        _windows = [.. _containers.Select(container => container.OpenWindow())];
        Array.ForEach(_containers, Wine.TouchChunks);
    }

    private void Run(Random random, long until, Action<Random> step)
    {
        try
        {
            while (Environment.TickCount64 < until && _failures.IsEmpty)
            {
                step(random);
            }
        }
#pragma warning disable CA1031 // The test looks at what was thrown.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _failures.Enqueue(failure);
        }
    }

    private void Use(Owner owner, Random random)
    {
        int which = random.Next(Names);
        ContainerView view = random.Next(2) == 0 ? _containers[which].View : _windows[which].View;
        long page = random.NextInt64(Pages / Threads) * Threads + owner.Index;
        _owning.EnterReadLock();
        try
        {
            switch (random.Next(10))
            {
                case < 5:
                    owner.Write(which, view, page);
                    break;
                case < 8:
                    owner.AssertHolds(which, view, page);
                    break;
                case 8:
                    owner.WriteByLease(which, view, page);
                    break;
                default:
                    owner.ReadByLease(which, view, page);
                    break;
            }
        }
        catch (KernelException refused) when (refused.Status == Status.NoResources)
        {
        }
        finally
        {
            _owning.ExitReadLock();
        }
    }

    private void Cut(Random random)
    {
        try
        {
            Snapshot snapshot = random.Next(4) == 0
                ? _kernel.TakeSnapshot(_containers)[0]
                : _containers[random.Next(Names)].TakeSnapshot();
            if (random.Next(3) == 0)
            {
                snapshot.WaitForDurable();
            }
        }
        catch (KernelException refused) when (refused.Status is Status.NoResources or Status.LeasesOutstanding)
        {
        }
    }

    private void Manage(Random random)
    {
        int which = random.Next(Names);
        string name = _containers[which].Name;
        IReadOnlyList<SnapshotInfo> history = _kernel.History(name);
        StateInterval? version = history.Count > 0 ? history[random.Next(history.Count)].Interval : null;
        try
        {
            switch (random.Next(6))
            {
                case 0:
                    _containers[which].Resize((Pages + 1 + random.NextInt64(200)) * PageSize - random.Next(4000));
                    break;
                case 1:
                    _kernel.Retain(name, new Retention(1 + random.Next(4)));
                    break;
                case 2 when version is { } kept:
                    _kernel.DiscardVersions(name, [kept]);
                    break;
                case 3 when version is { } source:
                    _kernel.CloneContainer(name, "clone", source);
                    _kernel.DeleteContainer("clone");
                    break;
                case 4:
                    NoteOrGoBack(which);
                    break;
                default:
                    if (version is { } interval)
                    {
                        using Container opened = _kernel.OpenVersion(name, interval);
                        AssertWhole(opened);
                    }

                    break;
            }
        }
        catch (KernelException refused) when (refused.Status
            is Status.NoResources or Status.NoSuchInterval or Status.IntervalPinned or Status.Busy
                or Status.LeasesOutstanding or Status.AlreadySet or Status.ContainerGone)
        {
        }

        _ = _kernel.Containers.Any(record => record.Name == "clone") && TryDelete("clone");
    }

    /// <summary>Owners stand still only where the test must know what they have written.</summary>
    private void NoteOrGoBack(int which)
    {
        _owning.EnterWriteLock();
        try
        {
            if (_noted[which] is { } noted)
            {
                _noted[which] = null;
                _containers[which].Restore(noted.Version);
                Wine.TouchChunks(_containers[which]);
                Array.ForEach(_owners, owner => owner.GoBack(which, noted.Values[owner.Index]));
            }
            else
            {
                Snapshot snapshot = _containers[which].TakeSnapshot();
                _noted[which] = (snapshot.Interval, [.. _owners.Select(owner => owner.Note(which))]);
            }
        }
        finally
        {
            _owning.ExitWriteLock();
        }
    }

    private bool TryDelete(string name)
    {
        try
        {
            _kernel.DeleteContainer(name);
            return true;
        }
        catch (KernelException)
        {
            return false;
        }
    }

    /// <summary>Each page begins and ends with one value, in the order in which they were written.</summary>
    private static void AssertWhole(Container version)
    {
        for (long page = 0; page < Pages; page++)
        {
            long head = version.View.Read<long>(page * PageSize);
            long tail = version.View.Read<long>((page + 1) * PageSize - sizeof(long));
            Assert.That(tail == head || tail == head - 1, $"{version.Interval}, page {page}: {head}, {tail}");
        }
    }

    /// <summary>One in so many calls fails as if the disk were full.</summary>
    private sealed class FailingDisk(IDisk disk) : IDisk
    {
        private int _calls;

        public int OneIn { get; set; }

        public long BlockCount => disk.BlockCount;

        public bool IsReadOnly => disk.IsReadOnly;

        public void ReadBlocks(BlockNumber first, Span<byte> destination) => disk.ReadBlocks(first, destination);

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
        {
            int oneIn = OneIn;
            if (oneIn > 0 && first.Value > 16 && Interlocked.Increment(ref _calls) % oneIn == 0)
            {
                throw new VolumeException(Status.NoResources, "simulated: no space left");
            }

            disk.WriteBlocks(first, source);
        }

        public void Allocate(BlockNumber first, long count) => disk.Allocate(first, count);

        public void Flush() => disk.Flush();

        public void Dispose()
        {
        }
    }

    private sealed class Owner(int index)
    {
        private readonly Dictionary<(int Container, long Page), long> _values = [];

        internal int Index => index;

        internal void Write(int which, ContainerView view, long page)
        {
            long value = _values.GetValueOrDefault((which, page)) + 1;
            WriteOrRepeat(view, page * PageSize, value);
            WriteOrRepeat(view, (page + 1) * PageSize - sizeof(long), value);
            _values[(which, page)] = value;
        }

        internal void WriteByLease(int which, ContainerView view, long page)
        {
            using Lease lease = view.Lease(page * PageSize, (int)PageSize, Access.Write);
            long value = _values.GetValueOrDefault((which, page)) + 1;
            BitConverter.TryWriteBytes(lease.Span, value);
            BitConverter.TryWriteBytes(lease.Span[^sizeof(long)..], value);
            _values[(which, page)] = value;
        }

        internal void ReadByLease(int which, ContainerView view, long page)
        {
            using Lease lease = view.Lease(page * PageSize, (int)PageSize, Access.Read);
            Check(which, page, BitConverter.ToInt64(lease.Span), BitConverter.ToInt64(lease.Span[^sizeof(long)..]));
        }

        internal void AssertHolds(int which, ContainerView view, long page) => Check(
            which,
            page,
            view.Read<long>(page * PageSize),
            view.Read<long>((page + 1) * PageSize - sizeof(long)));

        internal void AssertAll(Container[] containers)
        {
            foreach ((int which, long page) in _values.Keys)
            {
                AssertHolds(which, containers[which].View, page);
            }
        }

        internal Dictionary<long, long> Note(int which) => _values
            .Where(value => value.Key.Container == which)
            .ToDictionary(value => value.Key.Page, value => value.Value);

        internal void GoBack(int which, Dictionary<long, long> noted)
        {
            foreach ((int Container, long Page) key in _values.Keys.Where(key => key.Container == which).ToArray())
            {
                _values[key] = noted.GetValueOrDefault(key.Page);
            }
        }

        private static void WriteOrRepeat(ContainerView view, long offset, long value)
        {
            while (true)
            {
                try
                {
                    view.Write(offset, value);
                    return;
                }
                catch (ContainerFaultException full) when (full.Status == Status.NoResources)
                {
                }
            }
        }

        private void Check(int which, long page, long head, long tail)
        {
            long expected = _values.GetValueOrDefault((which, page));
            if ((head, tail) != (expected, expected))
            {
                throw new InvalidOperationException($"page {page} of {which}: {head}, {tail}, not {expected}");
            }
        }
    }
}
