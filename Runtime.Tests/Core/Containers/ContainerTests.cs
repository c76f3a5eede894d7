using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core.Containers;

public class ContainerTests(TrapEngine engine) : KernelFixture(engine)
{
    [Test]
    public void What_a_snapshot_saved_is_there_when_the_container_is_opened_again()
    {
        using (Container container = Open())
        {
            container.View.Write(3 * PageNumber.Size + 1, (byte)9);
            Snapshot snapshot = container.TakeSnapshot();
            Assert.That(snapshot.Interval, Is.EqualTo(new StateInterval(1)));
            Assert.That(snapshot.Info.PagesChanged, Is.EqualTo(1));
        }

        using Container again = Kernel.OpenContainer("a");
        Assert.That(again.View.Read<byte>(3 * PageNumber.Size + 1), Is.EqualTo(9));
        Assert.That(again.Interval, Is.EqualTo(new StateInterval(2)));
    }

    [Test]
    public void A_snapshot_saves_only_what_was_written_since_the_last()
    {
        using Container container = Open();
        for (int page = 0; page < 10; page++)
        {
            container.View.Write(page * PageNumber.Size, 1);
        }

        Assert.That(container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(10));
        container.View.Write(5 * PageNumber.Size, 2);
        Assert.That(container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
        Assert.That(container.TakeSnapshot().Info.PagesChanged, Is.Zero);
    }

    [Test]
    public void A_snapshot_that_failed_burns_its_interval_and_the_next_one_saves_its_pages()
    {
        using Container container = Open();
        container.View.Write(0, 1);
        Manager.OnSnapshot = _ => Status.NoResources;
        Assert.That(
            () => container.TakeSnapshot(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
        Manager.OnSnapshot = null;
        container.View.Write(PageNumber.Size, 1);
        Snapshot snapshot = container.TakeSnapshot();
        Assert.That(snapshot.Interval, Is.EqualTo(new StateInterval(2)));
        Assert.That(snapshot.Info.PagesChanged, Is.EqualTo(2));
    }

    [Test]
    public void Inside_a_lease_nothing_faults()
    {
        using Container container = Open();
        using (Lease lease = container.View.Lease(100, 10 * PageNumber.Size, Access.Write))
        {
            long faults = container.Statistics.ReadFaults + container.Statistics.WriteFaults;
            lease.Span.Fill(7);
            Assert.That(lease.Span.ContainsAnyExcept((byte)7), Is.False);
            Assert.That(container.Statistics.ReadFaults + container.Statistics.WriteFaults, Is.EqualTo(faults));
        }

        Assert.That(container.View.Read<byte>(99), Is.Zero);
        Assert.That(container.View.Read<byte>(100), Is.EqualTo(7));
    }

    [Test]
    public void A_cut_waits_for_a_write_lease_and_names_it_when_the_limit_passes()
    {
        using Container container = Open();
        using var held = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var holder = new Thread(() =>
        {
            using Lease lease = container.View.Lease(0, 10, Access.Write);
            held.Set();
            release.Wait(TimeSpan.FromSeconds(30));
        });
        holder.Start();
        held.Wait(TimeSpan.FromSeconds(30));
        Assert.That(
            () => container.TakeSnapshot(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
        release.Set();
        holder.Join();
        Assert.That(container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
    }

    [Test]
    public void A_thread_that_holds_a_write_lease_and_asks_for_a_cut_is_refused()
    {
        using Container container = Open();
        using Lease lease = container.View.Lease(0, 10, Access.Write);
        Assert.That(
            () => container.TakeSnapshot(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
    }

    [Test]
    public void A_read_lease_does_not_delay_a_cut()
    {
        using Container container = Open();
        container.View.Write(0, 5);
        using Lease lease = container.View.Lease(0, 10, Access.Read);
        Assert.That(container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
        Assert.That(lease.Span[0], Is.EqualTo(5));
    }

    [Test]
    public void After_closing_every_access_is_refused()
    {
        Container container = Open();
        ContainerView view = container.View;
        view.Write(0, 1);
        container.Dispose();
        Assert.That(() => view.Read<int>(0), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => view.Write(0, 1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => view.Lease(0, 1, Access.Read), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => container.TakeSnapshot(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => container.Dispose(), Throws.Nothing);
    }

    [Test]
    public void Closing_waits_for_leases_and_is_refused_when_they_outlast_the_limit()
    {
        Container container = Open();
        Lease lease = container.View.Lease(0, 10, Access.Read);
        Assert.That(
            () => container.Dispose(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
        Assert.That(lease.Span[0], Is.Zero, "still there");
        lease.Dispose();
        container.Dispose();
    }

    [Test]
    public void Beyond_the_end_is_out_of_range()
    {
        using Container container = Kernel.OpenContainer("odd", 10_000);
        container.View.Write(9_992, 1L);
        Assert.That(() => container.View.Read<long>(9_993), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => container.View.Read<byte>(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => container.View.Read(9_999, new byte[2]), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Search_finds_a_pattern_that_lies_across_stretches_and_pages()
    {
        using Container container = Kernel.OpenContainer("text", 300_000);
        foreach (long offset in (long[])[65_530, 131_071, 299_990])
        {
            container.View.Write(offset, "katydid!!"u8);
        }

        Assert.That(container.View.IndexOf("katydid!!"u8), Is.EqualTo(65_530));
        Assert.That(container.View.IndexOf("katydid!!"u8, 65_531), Is.EqualTo(131_071));
        Assert.That(container.View.IndexOf("katydid!!"u8, 131_072), Is.EqualTo(299_990));
        Assert.That(container.View.IndexOf("katydid!!"u8, 299_991), Is.EqualTo(-1));
    }

    [Test]
    public void Names_and_lengths_are_checked()
    {
        using Container container = Open();
        Assert.That(() => Open(), Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
        Assert.That(
            () => Kernel.OpenContainer("none"),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.ContainerGone));
        Assert.That(() => Kernel.OpenContainer("big", (1L << 40) + 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => Kernel.OpenContainer("other", 1, manager: "unknown"),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NotRegistered));
        Assert.That(
            () => Kernel.DeleteContainer("a"),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
    }

    [Test]
    public void An_atomic_exchange_is_atomic_across_threads()
    {
        using Container container = Open();
        Wine.TouchChunks(container);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                long seen = container.View.Read<long>(8);
                while (container.View.CompareExchange(8, seen + 1, seen) is var now && now != seen)
                {
                    seen = now;
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.That(container.View.Read<long>(8), Is.EqualTo(40_000));
    }
}
