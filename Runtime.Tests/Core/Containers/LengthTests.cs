using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

/// <summary>Growing, shrinking and going back.</summary>
public class LengthTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const long PageSize = PageNumber.Size;

    [Test]
    public void A_container_grows_to_its_maximum_and_not_beyond()
    {
        using Container container = Kernel.OpenContainer("a", 100, maximumLength: 128 << 20);
        Assert.That(container.MaximumLength, Is.EqualTo(128 << 20));
        Assert.That(() => container.View.Read<byte>(100), Throws.TypeOf<ArgumentOutOfRangeException>());
        container.Resize(128 << 20);
        Assert.That(container.View.Length, Is.EqualTo(128 << 20));
        container.View.Write((128 << 20) - 8, 5L);
        Assert.That(
            () => container.Resize((128 << 20) + 1),
            Throws.TypeOf<KernelException>()
                .With.Property("Status").EqualTo(Status.NoResources).And.Message.Contains("134217728"));
    }

    [Test]
    public unsafe void What_lay_beyond_a_shorter_end_is_zero_when_it_grows_again()
    {
        using Container container = Open("a", 4);
        container.View.Fill(0, 4 * PageSize, 7);
        container.TakeSnapshot();
        container.Resize(PageSize + 100);
        Assert.That(() => container.View.Read<byte>(PageSize + 100), Throws.TypeOf<ArgumentOutOfRangeException>());
        container.View.DangerousPointer[PageSize + 200] = 9;        // nobody keeps a raw pointer from doing so
        container.Resize(4 * PageSize);
        Assert.That(container.View.Read<byte>(PageSize + 99), Is.EqualTo(7));
        for (long offset = PageSize + 100; offset < 4 * PageSize; offset++)
        {
            Assert.That(container.View.Read<byte>(offset), Is.Zero, $"offset {offset}");
        }
    }

    [Test]
    public void Each_version_keeps_its_length()
    {
        Snapshot snapshot;
        using (Container container = Kernel.OpenContainer("a", 10 * PageSize, maximumLength: 1 << 30))
        {
            container.View.Write(9 * PageSize, 1);
            snapshot = container.TakeSnapshot();
            container.Resize(1 << 20);
            container.View.Write((1 << 20) - 4, 2);
            Assert.That(container.TakeSnapshot().Info.Length, Is.EqualTo(1 << 20));
        }

        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        Assert.That(version.Length, Is.EqualTo(10 * PageSize));
        using Container again = Kernel.OpenContainer("a");
        Assert.That(again.Length, Is.EqualTo(1 << 20));
        Assert.That(again.View.Read<int>((1 << 20) - 4), Is.EqualTo(2));
    }

    [Test]
    public void Shrinking_and_going_back_wait_for_leases()
    {
        using Container container = Open("a", 4);
        container.View.Write(0, 1);
        Snapshot snapshot = container.TakeSnapshot();
        using (container.View.Lease(3 * PageSize, 10, Access.Read))
        {
            Assert.That(
                () => container.Resize(PageSize),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
            Assert.That(
                () => container.Restore(snapshot.Interval),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
            container.Resize(5 * PageSize);
        }

        container.Resize(PageSize);
        container.Restore(snapshot.Interval);
        Assert.That(container.Length, Is.EqualTo(4 * PageSize));
        using Lease lease = container.View.Lease(0, 10, Access.Write);
        Assert.That(lease.Span[0], Is.EqualTo(1));
    }

    [Test, Deadline(60)]
    public void Going_back_shows_the_old_content_at_once_and_keeps_what_was_newer()
    {
        using Container container = Open();
        var snapshots = new List<Snapshot>();
        for (int value = 1; value <= 3; value++)
        {
            for (int page = 0; page < 100; page += value)
            {
                container.View.Write(page * PageSize, value);
            }

            snapshots.Add(container.TakeSnapshot());
        }

        container.View.Write(0, 4);
        container.Restore(snapshots[0].Interval);
        for (int page = 0; page < 100; page++)
        {
            Assert.That(container.View.Read<int>(page * PageSize), Is.EqualTo(1), $"page {page}");
        }

        StateInterval last = Kernel.History("a")[^1].Interval;
        Assert.That(last, Is.EqualTo(new StateInterval(4)), "what was not cut became a version first");
        container.Restore(last);
        Assert.That(container.View.Read<int>(0), Is.EqualTo(4));
        Assert.That(container.View.Read<int>(PageSize), Is.EqualTo(1));
        Assert.That(container.View.Read<int>(2 * PageSize), Is.EqualTo(2));
        Assert.That(
            () => container.Restore(new StateInterval(77)),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoSuchInterval));
    }

    [Test, Deadline(120)]
    public void Whoever_reads_and_writes_while_it_goes_back_sees_one_version_or_the_other()
    {
        const int Pages = 32;
        using Container container = Open();
        Snapshot[] snapshots = [.. Enumerable.Range(1, 2).Select(value =>
        {
            for (int page = 0; page < Pages; page++)
            {
                container.View.Write(page * PageSize, value);
            }

            return container.TakeSnapshot();
        })];
        using var stop = new CancellationTokenSource();
        var seen = new int[3];
        var reader = new Thread(() =>
        {
            var random = new Random(1);
            while (!stop.IsCancellationRequested)
            {
                using Lease lease = container.View.Lease(0, Pages * (int)PageSize, Access.Read);
                int first = lease.Span[0];
                seen[first]++;
                for (int page = 0; page < Pages; page++)
                {
                    if (lease.Span[page * (int)PageSize] != first)
                    {
                        seen[0]++;
                    }
                }
            }
        });
        reader.Start();
        for (int round = 0; round < 50; round++)
        {
            container.Restore(snapshots[round % 2].Interval);
            Thread.Sleep(1);
        }

        stop.Cancel();
        reader.Join();
        Assert.That(seen[0], Is.Zero);
        Assert.That(seen[1] + seen[2], Is.Positive);
    }

    /// <summary>A page beyond the end could never be saved, and came back when it grew again.</summary>
    [Test, Deadline(60)]
    public void Whoever_waits_to_write_while_it_becomes_shorter_does_not_write_beyond_the_end([Values] bool byLease)
    {
        using var mayGoOn = new ManualResetEventSlim();
        using Container container = Open("a", 4);
        container.Resize(PageSize);
        Snapshot shorter = container.TakeSnapshot();
        container.Resize(4 * PageSize);
        container.View.Write(3 * PageSize, 1);
        Manager.OnSave = _ =>
        {
            mayGoOn.Wait();
            return Status.Success;
        };
        Task restore = container.RestoreAsync(shorter.Interval);
        SpinWait.SpinUntil(() => container.Memory.Gate.IsCutting);
        Exception? refused = null;
        var writer = new Thread(() => refused = Catch(() => WriteThePageThatGoes(container, byLease)));
        writer.Start();
        SpinWait.SpinUntil(() => writer.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        mayGoOn.Set();
        restore.Wait();
        writer.Join();
        Assert.That(refused, Is.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.OutOfRange));
        container.Resize(4 * PageSize);
        Assert.That(container.View.Read<int>(3 * PageSize), Is.Zero);
    }

    [Test]
    public void A_manager_that_throws_leaves_the_length_as_it_was([Values(1, 8)] int pages)
    {
        using Container container = Kernel.OpenContainer("a", 4 * PageSize);
        container.View.Write(3 * PageSize, 1);
        Manager.OnResize = _ => throw new KernelException(Status.IoError, "refused");
        Assert.That(
            () => container.Resize(pages * PageSize),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.IoError));
        Assert.That(container.Length, Is.EqualTo(4 * PageSize));
        Assert.That(container.View.Read<int>(3 * PageSize), Is.EqualTo(1));
        Assert.That(container.TakeSnapshot().Info.Length, Is.EqualTo(4 * PageSize));
    }

    [Test]
    public void Shrinking_into_a_page_that_cannot_be_read_changes_nothing()
    {
        using (Container written = Kernel.OpenContainer("a", 4 * PageSize))
        {
            written.View.Write(2 * PageSize, 7L);
            written.View.Write(3 * PageSize, 8L);
            written.TakeSnapshot().WaitForDurable();
        }

        using Container container = Kernel.OpenContainer("a");
        Manager.OnFault = () => throw new VolumeException(Status.IoError, "unreadable");
        Assert.That(
            () => container.Resize((2 * PageSize) + 4),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.IoError));
        Assert.That(container.Length, Is.EqualTo(4 * PageSize));
        Manager.OnFault = null;
        Assert.That(container.View.Read<long>(3 * PageSize), Is.EqualTo(8));
        container.Resize((2 * PageSize) + 4);
        container.Resize(4 * PageSize);
        Assert.That(container.View.Read<long>(2 * PageSize), Is.EqualTo(7));
        Assert.That(container.View.Read<long>(3 * PageSize), Is.Zero);
    }

    [Test]
    public void What_a_manager_throws_when_it_goes_back_is_told_as_the_managers_failure()
    {
        using Container container = Kernel.OpenContainer("a", 4 * PageSize);
        container.View.Write(0, 1);
        StateInterval first = container.TakeSnapshot().Interval;
        Manager.OnRestore = () => throw new InvalidOperationException("a mistake");
        Assert.That(
            () => container.Restore(first),
            Throws.TypeOf<KernelException>()
                .With.Property("Status").EqualTo(Status.ManagerFailed)
                .And.InnerException.TypeOf<InvalidOperationException>());
        Manager.OnRestore = null;
        container.Restore(first);
        Assert.That(container.View.Read<int>(0), Is.EqualTo(1));
    }

    private static void WriteThePageThatGoes(Container container, bool byLease)
    {
        if (byLease)
        {
            using Lease lease = container.View.Lease(3 * PageSize, sizeof(int), Access.Write);
            lease.Span[0] = 2;
        }
        else
        {
            container.View.Write(3 * PageSize, 2);
        }
    }

    private static Exception? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
#pragma warning disable CA1031 // The test looks at what was thrown.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            return thrown;
        }
    }
}
