using System.Collections.Concurrent;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>
/// A cut is one instant for those who write through mappings, too: no version of the source holds a write without its
/// thread's earlier ones, through whichever window they went.
/// </summary>
public class MappingCutTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int PageSize = PageNumber.Size;
    private const int Unit = ContainerMapping.Granularity;
    private const long Pages = 256;
    private const long Pairs = 30;

    /// <summary>Below the pages that the writers touch, so that they leave memory while cuts are made.</summary>
    protected override long? MemoryBudget => OperatingSystem.IsWindows() ? null : 1 << 20;

    private delegate void PairWriter(ContainerView[] views, long first, long second, long value);

    [Test, Deadline(240)]
    public void No_version_holds_the_later_write_without_the_earlier()
    {
        int cuts = OperatingSystem.IsWindows() ? 200 : 1000;
        using Container source = Open("source", Pages);
        using Container other = Open("other", Pages);
        using Container host = Open("host", 4 * Pages);
        using Container top = Open("top", 4 * Pages);
        using ContainerWindow window = host.OpenWindow();
        host.Map(0, source, 0, Pages * PageSize, Access.Write);
        host.Map(Pages * PageSize, other, 0, Pages * PageSize, Access.Write);
        top.Map(0, host, 0, 2 * Pages * PageSize, Access.Write);
        ContainerView[] views = [host.View, top.View, window.View];
        Wine.TouchChunks(source);
        Wine.TouchChunks(other);
        using var collections = new Collections(gapMs: 50);
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<Exception>();
        PairWriter[] writers = [ByAccessor, ByLease, ByPointer, ByOneLease];
        Thread[] threads = [.. writers.Select((write, index) => new Thread(() =>
        {
            try
            {
                Write(write, views, index, stop.Token);
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        try
        {
            for (int cut = 0; cut < cuts && failures.IsEmpty; cut++)
            {
                IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot([other, source]);
                if (cut % 50 == 0)
                {
                    snapshots[0].WaitForDurable();
                    snapshots[1].WaitForDurable();
                }

                if (cut % 10 == 0)
                {
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
        Assert.That((host.Statistics.DirtyPages, top.Statistics.DirtyPages), Is.EqualTo((0L, 0L)));
    }

    /// <summary>The first of a pair is in one page, the second in another; the count is in two containers.</summary>
    private static void Write(PairWriter write, ContainerView[] views, int writer, CancellationToken stop)
    {
        for (long value = 1; !stop.IsCancellationRequested; value++)
        {
            (long first, long second) = Offsets(writer, value);
            write(views, first, second, value);
            views[value % 3].Write(Total(writer), value);
            views[(value + 1) % 3].Write((Pages * PageSize) + Total(writer), value);
        }
    }

    private static void ByAccessor(ContainerView[] views, long first, long second, long value)
    {
        views[value % 3].Write(first, value);
        views[(value + 1) % 3].Write(second, value);
    }

    private static void ByLease(ContainerView[] views, long first, long second, long value)
    {
        foreach ((long offset, long view) in ((long, long)[])[(first, value % 3), (second, (value + 2) % 3)])
        {
            using Lease lease = views[view].Lease(offset, sizeof(long), Access.Write);
            BitConverter.TryWriteBytes(lease.Span, value);
        }
    }

    /// <summary>Over both containers: while it is out neither is cut.</summary>
    private static void ByOneLease(ContainerView[] views, long first, long second, long value)
    {
        int length = (int)(((Pages + 1) * PageSize) - second);
        using Lease lease = views[value % 3].Lease(second, length, Access.Write);
        BitConverter.TryWriteBytes(lease.Span, value);
        BitConverter.TryWriteBytes(lease.Span[(int)(first - second)..], value);
    }

    private static void ByPointer(ContainerView[] views, long first, long second, long value)
    {
        ByPointer(views[value % 3], first, value);
        ByPointer(views[(value + 1) % 3], second, value);
    }

    /// <summary>A collection at the wrong moment has the write rescued: then it has not happened.</summary>
    private static unsafe void ByPointer(ContainerView view, long offset, long value)
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
        long page = (value % Pairs * 2) + (writer * 2 * Pairs);
        return ((page + 1) * PageSize, page * PageSize);
    }

    private static long Total(int writer) => ((Pages - 1) * PageSize) + (writer * sizeof(long));

    private void AssertOrdered(StateInterval ofSource, StateInterval ofOther, int writers)
    {
        using Container source = Kernel.OpenVersion("source", ofSource);
        using Container other = Kernel.OpenVersion("other", ofOther);
        for (int writer = 0; writer < writers; writer++)
        {
            for (long value = 0; value < Pairs; value++)
            {
                (long first, long second) = Offsets(writer, value);
                Assert.That(
                    source.View.Read<long>(first),
                    Is.GreaterThanOrEqualTo(source.View.Read<long>(second)),
                    $"writer {writer}, pair {value}, version {ofSource}");
            }

            long total = source.View.Read<long>(Total(writer));
            Assert.That(
                total,
                Is.GreaterThanOrEqualTo(other.View.Read<long>(Total(writer))),
                $"writer {writer}, versions {ofSource} {ofOther}");
            (long lastFirst, _) = Offsets(writer, total);
            Assert.That(
                source.View.Read<long>(lastFirst), Is.GreaterThanOrEqualTo(total), $"writer {writer}, {ofSource}");
        }
    }
}
