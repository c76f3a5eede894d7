using System.Collections.Concurrent;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Storage;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Loci;

/// <summary>
/// Containers, groups and loci are destroyed, cut, suspended and resumed by many threads while loci invoke. Nothing but
/// what the documents name is thrown, no locus is left in a container that is gone, all end, and nothing leaks.
/// </summary>
public class DestructionStressTests
{
    private const int Containers = 8;
    private const int Loci = 24;

    private static readonly Status[] s_ofCode =
    [
        Status.InvalidCapRef, Status.PermissionDenied, Status.ContainerGone, Status.EntryFailed,
        Status.NestingExhausted, Status.NoInvocationPoint,
    ];

    private static readonly Status[] s_ofHost =
        [.. s_ofCode, Status.Busy, Status.LeasesOutstanding, Status.NoResources, Status.AlreadySet];

    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly ConcurrentQueue<Locus> _made = new();
    private TestManager _manager = null!;
    private Kernel _kernel = null!;
    private volatile bool _isOver;
    private int _born;
    private int _destroyed;
    private int _invoked;

    [TearDown]
    public void ShutDown()
    {
        _kernel?.Dispose();
        _manager?.Dispose();
    }

    [Test, Deadline(120)]
    public void Whatever_is_destroyed_meanwhile_every_locus_ends([Values(1, 2)] int seed)
    {
        int forMs = OperatingSystem.IsWindows() ? 500 : 2500;
        _failures.Clear();
        _made.Clear();
        (_isOver, _born, _destroyed, _invoked) = (false, 0, 0, 0);
        _manager = new TestManager();
        Boot();
        try
        {
            Thread[] threads =
            [
                .. Enumerable.Range(0, 2).Select(index => Start(seed * 100 + index, Destroy)),
                .. Enumerable.Range(2, 2).Select(index => Start(seed * 100 + index, UseLoci)),
                Start((seed * 100) + 4, Cut),
                .. Enumerable.Range(5, 2).Select(index => Start(seed * 100 + index, Visit)),
            ];
            Thread.Sleep(forMs);
            _isOver = true;
            Array.ForEach(threads, thread => thread.Join());

            foreach (Locus locus in _made)
            {
                locus.Resume();
            }

            Assert.That(_failures, Is.Empty, $"seed {seed}");
            Assert.That(() => _kernel.Loci.Count, Is.Zero.After(30_000, 1), $"seed {seed}: {Left()}");
            Assert.That(_made.Select(locus => locus.State), Is.All.EqualTo(LocusState.Ended));
            Assert.That(_made.Select(locus => locus.Completion.IsCompleted), Is.All.True);
        }
        finally
        {
            _isOver = true;
            Assert.That(_kernel.Dispose, Throws.Nothing, $"seed {seed}");
            _manager.Dispose();
        }

        TestContext.Out.WriteLine(
            $"seed {seed}: {_made.Count} loci, {_invoked} invocations, {_destroyed} containers destroyed");
        Assert.That(_destroyed, Is.GreaterThan(10), "the test has done less than it says");
        Assert.That(_invoked, Is.GreaterThan(1000));
        Assert.That(_kernel.Statistics.MemoryInUse, Is.Zero);
    }

    private void Boot()
    {
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "test",
            LeaseLimit = TimeSpan.FromMilliseconds(200),
            LocusThreads = 3,
            DirectLoci = 6,
        };
        options.Managers.Add("test", () => _manager);
        options.Entries.Add("step", Step);
        options.Entries.AddDirect("direct", Direct);
        _kernel = Kernel.Boot(options);
        for (int i = 0; i < Containers; i++)
        {
            Bear(new Random(i));
        }
    }

    /// <summary>A new container, which every other one may invoke, and which may invoke some.</summary>
    private void Bear(Random random)
    {
        int number = Interlocked.Increment(ref _born);
        Container container = _kernel.OpenContainer($"c{number}", 4 * PageNumber.Size);
        try
        {
            container.SetInvocationPoint(number % 2 == 0 ? "step" : "direct");
            using Capability capability = container.GetCapability();
            foreach (ContainerRecord record in _kernel.Containers)
            {
                ContainerEntity? other = Try(() => _kernel.EntityOf(record.Name));
                if (other?.Open is { } open)
                {
                    open.Grant((uint)random.Next(Containers), capability);
                    using Capability? back = Try(open.GetCapability);
                    using Capability? less = Try(() => back?.Derive(KernelRights.All));
                    if (less is not null)
                    {
                        container.Grant((uint)random.Next(Containers), less);
                    }
                }
            }
        }
        catch (KernelException gone) when (s_ofHost.Contains(gone.Status))
        {
        }
    }

    private Step Step(StepContext locus)
    {
        uint slot = (uint)((locus.Id + locus.Registers[0]++) % Containers);
        if (_isOver || locus.Registers[0] > 400)
        {
            return locus.Status == Status.ContainerGone
                ? throw new OperationCanceledException("nowhere to return to")
                : locus.Return();
        }

        Touch(locus);
        return (locus.Registers[0] % 7) switch
        {
            0 => locus.Jump(CapRef.Container(slot), BitConverter.GetBytes(locus.Id)),
            < 5 => Invoke(locus, slot),
            5 when locus.Status != Status.ContainerGone => locus.Return(BitConverter.GetBytes(locus.Id)),
            _ => locus.Continue(locus.ResumePoint + 1),
        };
    }

    private Step Invoke(StepContext locus, uint slot)
    {
        Interlocked.Increment(ref _invoked);
        return locus.Invoke(CapRef.Container(slot), BitConverter.GetBytes(locus.Id));
    }

    private void Direct(DirectContext locus)
    {
        for (int i = 0; i < 5 && !_isOver && locus.Depth < 40 && locus.Registers[0]++ < 400; i++)
        {
            Touch(locus);
            try
            {
                Interlocked.Increment(ref _invoked);
                locus.Invoke(
                    CapRef.Container((uint)((locus.Id + locus.Registers[0]) % Containers)),
                    BitConverter.GetBytes(locus.Id));
            }
            catch (KernelException refused)
            {
                if (!s_ofCode.Contains(refused.Status))
                {
                    _failures.Enqueue(refused);
                }
            }
        }
    }

    private void Touch(LocusContext locus)
    {
        try
        {
            locus.View.Write((long)(locus.Id % 4) * PageNumber.Size, locus.Id);
        }
        catch (ObjectDisposedException)
        {
            // The container is being destroyed while this step executes in it.
        }
        catch (KernelException gone) when (gone.Status == Status.ContainerGone)
        {
        }
        catch (Exception other)
        {
            _failures.Enqueue(other);
        }
    }

    private Thread Start(int seed, Action<Random> act)
    {
        var thread = new Thread(() =>
        {
            var random = new Random(seed);
            while (!_isOver && _failures.IsEmpty)
            {
                try
                {
                    act(random);
                }
                catch (KernelException refused) when (s_ofHost.Contains(refused.Status))
                {
                }
                catch (ObjectDisposedException)
                {
                }
                catch (Exception failure)
                {
                    _failures.Enqueue(failure);
                }
            }
        });
        thread.Start();
        return thread;
    }

    private void Destroy(Random random)
    {
        IReadOnlyList<ContainerRecord> all = _kernel.Containers;
        if (all.Count >= Containers)
        {
            using Capability capability = _kernel.GetCapability(all[random.Next(all.Count)].Name);
            switch (random.Next(4))
            {
                case 0:
                    using (Capability derived = capability.Derive(KernelRights.All))
                    {
                        _kernel.Calls.GroupDestroy(random.Next(20) == 0 ? capability.Reference : derived.Reference);
                    }

                    break;
                default:
                    Status status = _kernel.Calls.ContainerDestroy(capability.Reference);
                    Assert.That(
                        status, Is.AnyOf(Status.Success, Status.InvalidCapRef, Status.LeasesOutstanding));
                    if (status == Status.Success)
                    {
                        Interlocked.Increment(ref _destroyed);
                    }

                    break;
            }
        }

        if (_kernel.Containers.Count < Containers + 2)
        {
            Bear(random);
        }
    }

    private void UseLoci(Random random)
    {
        IReadOnlyCollection<Locus> there = _kernel.Loci;
        if (there.Count < Loci)
        {
            IReadOnlyList<ContainerRecord> all = _kernel.Containers;
            _made.Enqueue(_kernel.CreateLocus(
                all[random.Next(all.Count)].Name,
                random.Next(2) == 0 ? "step" : "direct",
                BitConverter.GetBytes(7L),
                isSuspended: random.Next(3) == 0));
        }

        Locus? locus = there.ElementAtOrDefault(random.Next(Loci));
        switch (random.Next(12))
        {
            case 0:
                locus?.Destroy();
                break;
            case < 5:
                locus?.Suspend();
                break;
            default:
                locus?.Resume();
                break;
        }
    }

    private void Cut(Random random)
    {
        IReadOnlyList<ContainerRecord> all = _kernel.Containers;
        string name = all[random.Next(all.Count)].Name;
        if (_kernel.EntityOf(name).Open is { } open)
        {
            open.TakeSnapshot();                                    // code in direct style there may keep it waiting
        }

        Thread.Sleep(random.Next(5));
    }

    private void Visit(Random random)
    {
        IReadOnlyList<ContainerRecord> all = _kernel.Containers;
        using Capability capability = _kernel.GetCapability(all[random.Next(all.Count)].Name);
        _kernel.Invoke(capability, BitConverter.GetBytes(9L));
    }

    private static T? Try<T>(Func<T?> call)
        where T : class
    {
        try
        {
            return call();
        }
        catch (KernelException refused) when (s_ofHost.Contains(refused.Status))
        {
            return null;
        }
    }

    private string Left() => string.Join(
        ", ", _kernel.Loci.Select(locus => $"{locus.Id} {locus.State} {locus.Entity.Control.Requests} in {locus.Host} "
            + $"{locus.Entity.Host?.IsGone}"));
}
