using System.Collections.Concurrent;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>A cut is one instant for every thread: it never holds a write without that thread's earlier ones.</summary>
public class CutTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const long Pages = 256;

    /// <summary>Below the pages that the writers touch, so that they leave memory while cuts are made.</summary>
    protected override long? MemoryBudget => OperatingSystem.IsWindows() ? null : 1 << 20;

    private delegate void PairWriter(ContainerView view, ContainerView other, long first, long second, long value);

    [Test, Deadline(240)]
    public void No_version_holds_the_later_write_without_the_earlier()
    {
        int cuts = OperatingSystem.IsWindows() ? 300 : 3000;
        using Container a = Open("a", Pages);
        using Container b = Open("b", Pages);
        using ContainerWindow other = a.OpenWindow();
        Wine.TouchChunks(a);
        Wine.TouchChunks(b);
        using var collections = new Collections(gapMs: 50);
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<Exception>();
        PairWriter[] writers = [WriteByAccessor, WriteByLease, WriteByPointer, WriteThroughTwoWindows];
        Thread[] threads = [.. writers.Select((write, index) => new Thread(() =>
        {
            try
            {
                Write(write, a, other.View, b, index, stop.Token);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        try
        {
            for (int cut = 0; cut < cuts; cut++)
            {
                IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot([b, a]);
                if (cut % 10 == 0)
                {
                    AssertOrdered(snapshots[1].Interval, snapshots[0].Interval, writers.Length);
                }

                if (cut % 100 == 0)
                {
                    snapshots[0].WaitForDurable();
                    snapshots[1].WaitForDurable();
                    AssertOrdered(snapshots[1].Interval, snapshots[0].Interval, writers.Length);
                }
            }
        }
        finally
        {
            stop.Cancel();
            Array.ForEach(threads, thread => thread.Join());
        }

        Assert.That(failures, Is.Empty);
    }

    [Test, Deadline(120)]
    public void Cuts_of_the_same_containers_in_any_order_do_not_wait_for_each_other_in_a_ring()
    {
        Container[] all = [.. Enumerable.Range(0, 4).Select(i => Open($"c{i}"))];
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, round =>
        {
            var random = new Random(round);
            Container[] some = [.. all.OrderBy(_ => random.Next()).Take(1 + random.Next(4))];
            some[0].View.Write(8 * (round % 100), round);
            IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot(some);
            Assert.That(snapshots, Has.Count.EqualTo(some.Length));
        });
    }

    [Test, Deadline(120)]
    public void A_holder_of_one_lease_may_ask_for_another_while_a_cut_waits_for_it()
    {
        using Container a = Open("a");
        using Container b = Open("b");
        using var isHeld = new ManualResetEventSlim();
        var holder = new Thread(() =>
        {
            using Lease first = a.View.Lease(0, 10, Access.Write);
            isHeld.Set();
            Thread.Sleep(100);
            using Lease second = b.View.Lease(0, 10, Access.Write);
            first.Span[0] = 1;
            second.Span[0] = 2;
        });
        holder.Start();
        isHeld.Wait();
        IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot([a, b]);
        holder.Join();
        using Container version = Kernel.OpenVersion("b", snapshots[1].Interval);
        Assert.That(version.View.Read<byte>(0), Is.EqualTo(2), "the cut waited for both");
    }

    [Test, Deadline(60)]
    public void When_one_container_is_refused_the_cuts_that_were_made_stand_and_are_saved()
    {
        Container a = Open("a");
        using Container b = Open("b");
        a.View.Write(0, 1);
        b.View.Write(0, 2);
        int cuts = 0;
        Manager.OnCut = _ => ++cuts == 2 ? Status.NoResources : Status.Success;
        Assert.That(
            () => Kernel.TakeSnapshot([a, b]),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
        a.Dispose();
        Assert.That(Kernel.History("a"), Has.Count.EqualTo(1));
        using Container again = Kernel.OpenContainer("a");
        Assert.That(again.View.Read<int>(0), Is.EqualTo(1));
        Assert.That(b.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
    }

    /// <summary>Threads inherit what is noted of the one that starts them.</summary>
    [Test, Deadline(60)]
    public void Who_holds_no_lease_may_cut_while_a_thread_of_the_same_parent_holds_one()
    {
        using Container a = Open("a");
        using Container b = Open("b");
        a.View.Lease(0, 10, Access.Write).Dispose();
        using var isHeld = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var holder = new Thread(() =>
        {
            using Lease lease = a.View.Lease(0, 10, Access.Write);
            isHeld.Set();
            mayEnd.Wait();
        });
        holder.Start();
        isHeld.Wait();
        Exception? failure = null;
        var cutter = new Thread(() =>
        {
            try
            {
                b.TakeSnapshot();
            }
            catch (KernelException thrown)
            {
                failure = thrown;
            }
        });
        cutter.Start();
        cutter.Join();
        mayEnd.Set();
        holder.Join();
        Assert.That(failure, Is.Null);
    }

    [Test, Deadline(120)]
    public void Cuts_leases_and_closing_all_at_once_come_to_an_end([Values(1, 2, 3)] int seed)
    {
        for (int round = 0; round < 20; round++)
        {
            Container container = Open();
            Thread[] threads = [.. Enumerable.Range(0, 4).Select(index => new Thread(() =>
                UseUntilClosed(container, new Random(seed * 100 + index))))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.Sleep(10);
            while (true)
            {
                try
                {
                    container.Dispose();
                    break;
                }
                catch (KernelException failure) when (failure.Status == Status.LeasesOutstanding)
                {
                }
            }

            Array.ForEach(threads, thread => thread.Join());
        }
    }

    private static void UseUntilClosed(Container container, Random random)
    {
        try
        {
            while (true)
            {
                long offset = random.NextInt64(1000) * PageNumber.Size;
                switch (random.Next(4))
                {
                    case 0:
                        container.TakeSnapshot();
                        break;
                    case 1:
                        using (Lease lease = container.View.Lease(offset, 3 * PageNumber.Size, Access.Write))
                        {
                            lease.Span.Fill(1);
                        }

                        break;
                    case 2:
                        container.View.Write(offset, 1L);
                        break;
                    default:
                        container.View.Read<long>(offset);
                        break;
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it ends.
        }
        catch (KernelException failure) when (failure.Status == Status.LeasesOutstanding)
        {
            // The machine was busy for a second; the others go on.
        }
    }

    /// <summary>The first of a pair is in one page or container, the second in another.</summary>
    private static void Write(
        PairWriter write, Container a, ContainerView other, Container b, int writer, CancellationToken stop)
    {
        for (long value = 1; !stop.IsCancellationRequested; value++)
        {
            (long first, long second) = Offsets(writer, value);
            write(a.View, other, first, second, value);
            a.View.Write(Total(writer), value);
            b.View.Write(Total(writer), value);
        }
    }

    private static void WriteByAccessor(
        ContainerView view, ContainerView other, long first, long second, long value)
    {
        view.Write(first, value);
        view.Write(second, value);
    }

    private static void WriteByLease(ContainerView view, ContainerView other, long first, long second, long value)
    {
        using (Lease lease = view.Lease(first, sizeof(long), Access.Write))
        {
            BitConverter.TryWriteBytes(lease.Span, value);
        }

        using (Lease lease = (value % 2 == 0 ? view : other).Lease(second, sizeof(long), Access.Write))
        {
            BitConverter.TryWriteBytes(lease.Span, value);
        }
    }

    private static void WriteByPointer(
        ContainerView view, ContainerView other, long first, long second, long value)
    {
        WriteByPointer(other, first, value);
        WriteByPointer(view, second, value);
    }

    private static void WriteThroughTwoWindows(
        ContainerView view, ContainerView other, long first, long second, long value)
    {
        (value % 2 == 0 ? view : other).Write(first, value);
        (value % 2 == 0 ? other : view).Write(second, value);
    }

    /// <summary>A collection at the wrong moment has the write rescued: then it has not happened.</summary>
    private static unsafe void WriteByPointer(ContainerView view, long offset, long value)
    {
        try
        {
            Volatile.Write(ref *(long*)(view.DangerousPointer + offset), value);
        }
        catch (NullReferenceException)
        {
            Assert.That(Kernel.LastFault, Has.Property(nameof(FaultReport.IsRescued)).True, $"{Kernel.LastFault}");
            view.Write(offset, value);
        }
    }

    private static (long First, long Second) Offsets(int writer, long value)
    {
        long page = value % 30 * 2 + writer * 60;
        return ((page + 1) * PageNumber.Size, page * PageNumber.Size);
    }

    private static long Total(int writer) => (Pages - 1) * PageNumber.Size + writer * sizeof(long);

    private void AssertOrdered(StateInterval ofA, StateInterval ofB, int writers)
    {
        using Container a = Kernel.OpenVersion("a", ofA);
        using Container b = Kernel.OpenVersion("b", ofB);
        for (int writer = 0; writer < writers; writer++)
        {
            for (long value = 0; value < 30; value++)
            {
                (long first, long second) = Offsets(writer, value);
                Assert.That(
                    a.View.Read<long>(first),
                    Is.GreaterThanOrEqualTo(a.View.Read<long>(second)),
                    $"writer {writer}, pair {value}, version {ofA}");
            }

            long total = a.View.Read<long>(Total(writer));
            Assert.That(
                total,
                Is.GreaterThanOrEqualTo(b.View.Read<long>(Total(writer))),
                $"writer {writer}, versions {ofA} {ofB}");
            (long lastFirst, _) = Offsets(writer, total);
            Assert.That(a.View.Read<long>(lastFirst), Is.GreaterThanOrEqualTo(total), $"writer {writer}, {ofA}");
        }
    }
}
