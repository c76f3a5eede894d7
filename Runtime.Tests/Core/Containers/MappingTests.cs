using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Core.Memory;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

/// <summary>
/// A range of a container that is shown in another: the same bytes, the source's manager, the source's snapshots.
/// </summary>
public class MappingTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int PageSize = PageNumber.Size;
    private const int Unit = ContainerMapping.Granularity;

    protected override long? MemoryBudget => AvailableMemory.LeastBudget;

    private static long BudgetPages => AvailableMemory.LeastBudget / PageSize;

    [Test]
    public void What_is_written_on_either_side_is_read_on_the_other()
    {
        using Container host = Open("host");
        using Container source = Open("source");
        source.View.Write(Unit, 1L);
        host.Map(2 * Unit, source, Unit, 2 * Unit, Access.Write);

        Assert.That(host.View.Read<long>(2 * Unit), Is.EqualTo(1));
        host.View.Write((2 * Unit) + 8, 2L);
        Assert.That(source.View.Read<long>(Unit + 8), Is.EqualTo(2));
        source.View.Write((3 * Unit) - 8, 3L);
        Assert.That(host.View.Read<long>((4 * Unit) - 8), Is.EqualTo(3));
        Assert.That((host.Statistics.Upcalls, source.Statistics.DirtyPages), Is.EqualTo((0L, 2L)));
    }

    [Test]
    public void A_page_that_the_source_has_never_seen_comes_from_its_manager_by_its_offset()
    {
        using Container host = Open("host");
        using Container source = Open("source");
        host.Map(0, source, 3 * Unit, Unit, Access.Write);
        host.View.Write(PageSize, 7L);

        Assert.That(source.View.Read<long>((3 * Unit) + PageSize), Is.EqualTo(7));
        Assert.That((source.Statistics.Upcalls, source.Statistics.WriteFaults), Is.EqualTo((1L, 1L)));
    }

    [Test, Deadline(240)]
    public void Through_any_depth_both_directions_show_the_same([Values(1, 2, 4, 16)] int depth)
    {
        // The top is shown by nobody; each of the others is shown in the one above, a unit further on.
        Container[] chain = [.. Enumerable.Range(0, depth + 1).Select(i => Open($"c{i}"))];
        for (int i = 0; i < depth; i++)
        {
            // From the bottom and from the top by turns, so that later mappings are followed through earlier ones.
            int host = i % 2 == 0 ? i / 2 : depth - 1 - (i / 2);
            chain[host].Map(Unit, chain[host + 1], 2 * Unit, 4 * Unit, Access.Write);
        }

        Container top = chain[0];
        Container bottom = chain[depth];
        for (int i = 0; i <= depth; i++)
        {
            chain[i].View.Write(8 * Unit, (long)i);                 // beyond what is shown
        }

        // Unit u of the top's range is unit u + 1 of the one below: at its second unit the range begins there.
        for (int level = 0; level < depth; level++)
        {
            long here = 4 * Unit - (Unit * Math.Min(level, 2));
            chain[level].View.Write(here, 100L + level);
            Assert.That(chain[level + 1].View.Read<long>(here + Unit), Is.EqualTo(100 + level), $"level {level}");
            chain[level + 1].View.Write(here + Unit + 8, 200L + level);
            Assert.That(chain[level].View.Read<long>(here + 8), Is.EqualTo(200 + level), $"level {level}");
        }

        Assert.That(top.View.Read<long>(8 * Unit), Is.Zero);
        Assert.That(bottom.View.Read<long>(8 * Unit), Is.EqualTo(depth));
    }

    [Test, Deadline(240)]
    public void A_chain_of_whole_containers_has_one_owner([Values(1, 4, 16)] int depth)
    {
        Container[] chain = [.. Enumerable.Range(0, depth + 1).Select(i => Open($"c{i}", 64))];
        for (int i = 0; i < depth; i++)
        {
            chain[i].Map(0, chain[i + 1], 0, chain[i].Length, Access.Write);
        }

        for (int page = 0; page < 64; page++)
        {
            chain[page % (depth + 1)].View.Write(page * PageSize, (long)page);
        }

        foreach (Container container in chain)
        {
            for (int page = 0; page < 64; page++)
            {
                Assert.That(container.View.Read<long>(page * PageSize), Is.EqualTo(page), container.Name);
            }
        }

        Assert.That(chain[..depth].Sum(container => container.Statistics.Upcalls), Is.Zero);
        Assert.That(chain[depth].Statistics.Upcalls, Is.EqualTo(64));
        Snapshot snapshot = chain[depth].TakeSnapshot();
        chain[0].View.Write(0, -1L);
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion($"c{depth}", snapshot.Interval);
        Assert.That(version.View.Read<long>(0), Is.Zero);
        Assert.That(chain[depth].View.Read<long>(0), Is.EqualTo(-1));
    }

    [Test]
    public void The_hosts_own_bytes_are_hidden_and_kept()
    {
        using Container host = Open("host");
        using Container source = Open("source");
        host.View.Write(0, 1L);
        host.View.Write(Unit, 2L);
        host.View.Write(2 * Unit, 3L);
        host.Map(Unit, source, 0, Unit, Access.Write);
        host.View.Write(Unit, 20L);
        Snapshot snapshot = host.TakeSnapshot();
        Assert.That(host.Mappings, Has.Count.EqualTo(1));

        host.Unmap(0, 4 * Unit);

        Assert.That(host.Mappings, Is.Empty);
        Assert.That(Longs(host, 0, Unit, 2 * Unit), Is.EqualTo(new[] { 1L, 2, 3 }));
        Assert.That(source.View.Read<long>(0), Is.EqualTo(20));
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion("host", snapshot.Interval);
        Assert.That(version.View.Read<long>(Unit), Is.EqualTo(2), "a version has the container's own bytes");
        host.View.Write(Unit, 4L);
        Assert.That(source.View.Read<long>(0), Is.EqualTo(20));
    }

    [Test]
    public void Hidden_pages_leave_memory_and_come_back()
    {
        using Container host = Open("host", 4 * BudgetPages);
        using Container source = Open("source");
        for (int page = 0; page < 32; page++)
        {
            host.View.Write(page * PageSize, 1000L + page);
        }

        host.Map(0, source, 0, 2 * Unit, Access.Write);
        for (long page = 64; page < 3 * BudgetPages; page++)
        {
            host.View.Write(page * PageSize, page);
        }

        host.Unmap(0, 2 * Unit);
        for (int page = 0; page < 32; page++)
        {
            Assert.That(host.View.Read<long>(page * PageSize), Is.EqualTo(1000 + page));
        }
    }

    [Test, Deadline(240)]
    public void Mapped_pages_leave_memory_and_come_back_to_whoever_touches_them([Values(1, 2)] int seed)
    {
        var random = new Random(seed);
        long pages = 4 * BudgetPages;
        using Container source = Open("source", pages);
        using Container host = Open("host", pages + 16);
        using Container top = Open("top", pages + 32);
        host.Map(Unit, source, 0, pages * PageSize, Access.Write);
        top.Map(2 * Unit, host, Unit, pages * PageSize, Access.Write);
        (ContainerView View, long Offset)[] views = [(source.View, 0), (host.View, Unit), (top.View, 2 * Unit)];
        long[] model = new long[pages];
        for (int i = 1; i <= (OperatingSystem.IsWindows() ? 4_000 : 20_000); i++)
        {
            long page = random.NextInt64(pages);
            (ContainerView view, long offset) = views[random.Next(3)];
            Assert.That(view.Read<long>(offset + page * PageSize), Is.EqualTo(model[page]), $"seed {seed}, step {i}");
            (view, offset) = views[random.Next(3)];
            view.Write(offset + page * PageSize, model[page] = i);
            if (i % 2000 == 0)
            {
                source.TakeSnapshot();
            }
        }

        Assert.That(AllocatedPages.Count(source), Is.LessThanOrEqualTo(BudgetPages * 105 / 100));
        Assert.That(source.Statistics.Evictions, Is.Positive);
    }

    [Test]
    public void A_cut_of_the_source_closes_every_mapping()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using Container top = Open("top");
        host.Map(0, source, 0, Unit, Access.Write);
        top.Map(0, host, 0, Unit, Access.Write);
        top.View.Write(0, 1L);
        host.View.Write(8, 2L);
        source.View.Write(16, 3L);

        Snapshot snapshot = source.TakeSnapshot();
        top.View.Write(0, 4L);
        host.View.Write(8, 5L);
        source.View.Write(16, 6L);
        snapshot.WaitForDurable();

        using Container version = Kernel.OpenVersion("source", snapshot.Interval);
        Assert.That(Longs(version, 0, 8, 16), Is.EqualTo(new[] { 1L, 2, 3 }));
        Assert.That(source.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
        Assert.That((host.Statistics.DirtyPages, top.Statistics.DirtyPages), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void A_read_only_mapping_shows_and_refuses()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using Container top = Open("top");
        host.Map(0, source, 0, Unit, Access.Read);
        top.Map(0, host, 0, Unit, Access.Write);
        source.View.Write(0, 1L);
        foreach (Container container in (Container[])[host, top])
        {
            Assert.That(container.View.Read<long>(0), Is.EqualTo(1));
            Assert.That(
                () => container.View.Write(0, 2L),
                Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.PermissionDenied)
                    .And.Property("Container").EqualTo("source"));
            Assert.That(
                () => container.View.Lease(0, 8, Access.Write),
                Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.PermissionDenied));
            using Lease lease = container.View.Lease(0, 8, Access.Read);
            Assert.That(BitConverter.ToInt64(lease.Span), Is.EqualTo(1));
        }

        source.View.Write(0, 3L);
        Assert.That(top.View.Read<long>(0), Is.EqualTo(3));
        Assert.That(() => top.View.Write(0, 4L), Throws.TypeOf<ContainerFaultException>());
    }

    [Test]
    public void A_version_is_mapped_for_reading()
    {
        using Container source = Open("source");
        source.View.Write(0, 1L);
        Snapshot snapshot = source.TakeSnapshot();
        source.View.Write(0, 2L);
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion("source", snapshot.Interval);
        using Container host = Open("host");

        AssertStatus(Status.PermissionDenied, () => host.Map(0, version, 0, Unit, Access.Write));
        host.Map(0, version, 0, Unit, Access.Read);
        host.Map(Unit, source, 0, Unit, Access.Write);
        Assert.That(Longs(host, 0, Unit), Is.EqualTo(new[] { 1L, 2 }));
        AssertStatus(Status.PermissionDenied, () => version.Map(0, source, 0, Unit, Access.Read));
        AssertStatus(Status.PermissionDenied, () => version.Unmap(0, Unit));
    }

    [Test]
    public void What_is_not_aligned_is_refused()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        AssertStatus(Status.NotAligned, () => host.Map(PageSize, source, 0, Unit, Access.Read));
        AssertStatus(Status.NotAligned, () => host.Map(0, source, PageSize, Unit, Access.Read));
        AssertStatus(Status.NotAligned, () => host.Map(0, source, 0, PageSize, Access.Read));
        AssertStatus(Status.NotAligned, () => host.Unmap(PageSize, Unit));
        AssertStatus(Status.NotAligned, () => host.Unmap(0, PageSize));
        Assert.That(host.Mappings, Is.Empty);
    }

    [Test]
    public void What_lies_beyond_an_end_is_refused()
    {
        using Container source = Open("source", 17);                // an end within a unit
        using Container host = Open("host", 64);
        AssertStatus(Status.OutOfRange, () => host.Map(0, source, 0, 3 * Unit, Access.Read));
        AssertStatus(Status.OutOfRange, () => host.Map(0, source, 2 * Unit, Unit, Access.Read));
        AssertStatus(Status.OutOfRange, () => host.Map(4 * Unit, source, 0, Unit, Access.Read));
        AssertStatus(Status.OutOfRange, () => host.Map(long.MaxValue / Unit * Unit, source, 0, Unit, Access.Read));
        AssertStatus(Status.OutOfRange, () => host.Unmap(0, Unit));

        host.Map(0, source, 0, 2 * Unit, Access.Read);
        Assert.That(host.View.Read<long>(16 * PageSize), Is.Zero);
        Assert.That(
            () => host.View.Read<long>(17 * PageSize),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.OutOfRange)
                .And.Property("Offset").EqualTo(17 * PageSize));
    }

    [Test]
    public void What_overlaps_is_refused()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using ContainerWindow window = host.OpenWindow();
        host.Map(2 * Unit, source, 0, 2 * Unit, Access.Read);
        window.Map(3 * Unit, source, 0, 2 * Unit, Access.Read);
        foreach (int at in (int[])[1, 2, 3])
        {
            AssertStatus(Status.Overlap, () => host.Map(at * Unit, source, 0, 2 * Unit, Access.Read));
            AssertStatus(Status.Overlap, () => window.Map((at + 1) * Unit, source, 0, 2 * Unit, Access.Read));
        }

        host.Map(0, source, 0, 2 * Unit, Access.Read);
        AssertStatus(Status.Overlap, () => host.Unmap(0, 3 * Unit));
        AssertStatus(Status.Overlap, () => host.Unmap(3 * Unit, Unit));
        AssertStatus(Status.Overlap, () => window.Unmap(0, 4 * Unit));
        Assert.That((host.Mappings.Count, window.Mappings.Count), Is.EqualTo((2, 1)));
        host.Unmap(0, 4 * Unit);
        window.Unmap(3 * Unit, 2 * Unit);
        Assert.That((host.Mappings.Count, window.Mappings.Count), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Cycles_are_refused_at_any_depth()
    {
        using Container a = Open("a");
        using Container b = Open("b");
        using Container c = Open("c");
        using ContainerWindow window = b.OpenWindow();
        AssertStatus(Status.Cycle, () => a.Map(0, a, Unit, Unit, Access.Read));
        a.Map(0, b, 0, Unit, Access.Read);
        AssertStatus(Status.Cycle, () => b.Map(5 * Unit, a, 5 * Unit, Unit, Access.Read));
        AssertStatus(Status.Cycle, () => window.Map(5 * Unit, a, 5 * Unit, Unit, Access.Read));
        window.Map(0, c, 0, Unit, Access.Read);
        AssertStatus(Status.Cycle, () => c.Map(5 * Unit, a, 5 * Unit, Unit, Access.Read));
        window.Unmap(0, Unit);
        c.Map(5 * Unit, a, 5 * Unit, Unit, Access.Read);
        AssertStatus(Status.Cycle, () => b.Map(0, c, 0, Unit, Access.Read));
    }

    [Test]
    public void What_is_no_argument_is_refused()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        Assert.That(() => host.Map(-Unit, source, 0, Unit, Access.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => host.Map(0, source, -Unit, Unit, Access.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => host.Map(0, source, 0, 0, Access.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => host.Map(0, source, 0, Unit, Access.Execute), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => host.Map(0, null!, 0, Unit, Access.Read), Throws.TypeOf<ArgumentNullException>());
        Assert.That(() => host.Unmap(0, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void What_is_closed_is_told_apart()
    {
        Container source = Open("source");
        Container host = Open("host");
        Container gone = Open("gone");
        ContainerWindow window = host.OpenWindow();
        gone.Dispose();
        Assert.That(
            () => host.Map(0, gone, 0, Unit, Access.Read),
            Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("'gone'"));
        window.Dispose();
        Assert.That(() => window.Map(0, source, 0, Unit, Access.Read), Throws.TypeOf<ObjectDisposedException>());
        host.Dispose();
        Assert.That(() => host.Map(0, source, 0, Unit, Access.Read), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => host.Unmap(0, Unit), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void When_the_source_is_closed_accesses_name_it_and_all_else_goes_on()
    {
        Container source = Open("source");
        using Container host = Open("host");
        using Container top = Open("top");
        host.Map(Unit, source, 2 * Unit, Unit, Access.Write);
        top.Map(0, host, 0, 3 * Unit, Access.Write);
        host.View.Write(0, 1L);
        host.View.Write(Unit, 2L);
        top.View.Write(Unit + 8, 3L);

        source.Dispose();

        foreach (Container container in (Container[])[host, top])
        {
            Assert.That(container.View.Read<long>(0), Is.EqualTo(1));
            ContainerFaultException failure = Assert.Throws<ContainerFaultException>(
                () => container.View.Read<long>(Unit + PageSize))!;
            Assert.That(
                (failure.Status, failure.Container, failure.Offset),
                Is.EqualTo((Status.ContainerGone, "source", (ulong)((2 * Unit) + PageSize))));
            Assert.That(failure.Message, Does.Contain($"'{container.Name}'").And.Contain("closed"));
            Assert.That(
                () => container.View.Lease(Unit - 8, 16, Access.Read),
                Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ContainerGone)
                    .And.Property("Container").EqualTo("source"));
        }

        Assert.That(() => ReadRaw(host, Unit), Throws.TypeOf<NullReferenceException>());
        Assert.That(Kernel.LastFault!.Status, Is.EqualTo(Status.ContainerGone));
        using Container again = Kernel.OpenContainer("source");
        Assert.That(again.View.Read<long>(2 * Unit), Is.EqualTo(2), "and was saved");
        Assert.That(again.View.Read<long>((2 * Unit) + 8), Is.EqualTo(3));
        Assert.That(() => host.View.Read<long>(Unit), Throws.TypeOf<ContainerFaultException>(), "it is another one");
        host.Unmap(0, 4 * Unit);
        Assert.That(host.View.Read<long>(Unit), Is.Zero);
        host.Map(Unit, again, 2 * Unit, Unit, Access.Write);
        Assert.That(top.View.Read<long>(Unit), Is.EqualTo(2));
    }

    [Test]
    public void What_a_closed_container_showed_is_seen_through_it_no_more()
    {
        using Container bottom = Open("bottom");
        Container middle = Open("middle");
        using Container top = Open("top");
        middle.Map(0, bottom, 0, Unit, Access.Write);
        top.Map(0, middle, 0, 2 * Unit, Access.Write);
        top.View.Write(0, 1L);
        middle.Dispose();

        Assert.That(
            () => top.View.Read<long>(0),
            Throws.TypeOf<ContainerFaultException>().With.Property("Container").EqualTo("middle"));
        Assert.That(bottom.View.Read<long>(0), Is.EqualTo(1));
    }

    [Test]
    public void A_host_that_closes_leaves_its_source_alone()
    {
        using Container source = Open("source");
        Container host = Open("host");
        host.Map(0, source, 0, Unit, Access.Write);
        host.View.Write(0, 1L);
        host.Dispose();

        Assert.That(() => host.View.Read<long>(0), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(source.View.Read<long>(0), Is.EqualTo(1));
        source.View.Write(0, 2L);
        source.TakeSnapshot().WaitForDurable();
        Assert.That(source.Memory.Windows.Panes, Has.Length.EqualTo(1));
    }

    [Test]
    public void A_lease_crosses_from_bytes_of_the_host_to_mapped_ones_and_back()
    {
        using Container source = Open("source");
        using Container other = Open("other");
        using Container host = Open("host");
        host.Map(Unit, source, 3 * Unit, Unit, Access.Write);
        host.Map(2 * Unit, other, 0, Unit, Access.Write);
        using (Lease lease = host.View.Lease(Unit - 100, (2 * Unit) + 200, Access.Write))
        {
            lease.Span.Fill(9);
            Assert.That(source.View.Read<byte>(3 * Unit), Is.EqualTo(9));
            AssertStatus(Status.LeasesOutstanding, () => OnAnotherThread(() => source.TakeSnapshot()));
            AssertStatus(Status.LeasesOutstanding, () => OnAnotherThread(() => other.TakeSnapshot()));
            AssertStatus(Status.LeasesOutstanding, () => OnAnotherThread(() => source.Resize(Unit)));
        }

        source.TakeSnapshot().WaitForDurable();
        Assert.That(source.View.Read<byte>((4 * Unit) - 1), Is.EqualTo(9));
        Assert.That(other.View.Read<byte>(Unit - 1), Is.EqualTo(9));
        Assert.That(host.View.Read<byte>(Unit - 100), Is.EqualTo(9));
        Assert.That(host.View.Read<byte>((3 * Unit) + 99), Is.EqualTo(9));
        Assert.That(source.View.Read<byte>((3 * Unit) - 1), Is.Zero);
        Assert.That(host.View.Read<byte>(Unit - 101), Is.Zero);
    }

    [Test]
    public async Task A_stream_crosses_mappings()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        host.Map(Unit, source, 0, 2 * Unit, Access.Write);
        var written = new byte[4 * Unit];
        new Random(1).NextBytes(written);
        ContainerStream stream = host.OpenStream();
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(written).ConfigureAwait(false);
            stream.Position = 0;
            var read = new byte[written.Length];
            await stream.ReadExactlyAsync(read).ConfigureAwait(false);
            Assert.That(read.AsSpan().SequenceEqual(written), Is.True);
            stream.Position = 0;
            stream.ReadExactly(read);
            Assert.That(read.AsSpan().SequenceEqual(written), Is.True);
        }

        var shown = new byte[2 * Unit];
        source.View.Read(0, shown);
        Assert.That(shown.AsSpan().SequenceEqual(written.AsSpan(Unit, 2 * Unit)), Is.True);
    }

    [Test]
    public void Leases_delay_mapping_and_unmapping_up_to_the_limit()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using Container top = Open("top");
        top.Map(0, host, 0, 8 * Unit, Access.Write);
        using (top.View.Lease(Unit, 8, Access.Read))
        {
            AssertStatus(Status.LeasesOutstanding, () => host.Map(Unit, source, 0, Unit, Access.Write));
            Assert.That(host.Mappings, Is.Empty);
        }

        host.Map(Unit, source, 0, Unit, Access.Write);
        using (host.View.Lease(Unit, 8, Access.Read))
        {
            AssertStatus(Status.LeasesOutstanding, () => host.Unmap(Unit, Unit));
        }

        using (host.View.Lease(Unit, 8, Access.Write))
        {
            AssertStatus(Status.Busy, () => host.Unmap(Unit, Unit));
        }

        Lease brief = top.View.Lease(Unit, 8, Access.Write);
        Exception? failure = null;
        var unmapping = new Thread(() => failure = Catch(() => host.Unmap(Unit, Unit)));
        unmapping.UnsafeStart();
        SpinWait.SpinUntil(() => top.Memory.Leases.IsClosed);
        brief.Dispose();
        unmapping.Join();
        Assert.That(failure, Is.Null);
        top.View.Write(Unit, 5L);
        Assert.That(host.View.Read<long>(Unit), Is.EqualTo(5));
    }

    [Test]
    public void A_host_does_not_become_shorter_than_what_is_mapped_in_it()
    {
        using Container source = Open("source");
        using Container host = Open("host", 64);
        using ContainerWindow window = host.OpenWindow();
        Snapshot shorter = Cut(host, Unit);
        host.Map(Unit, source, 0, Unit, Access.Write);
        AssertStatus(Status.Overlap, () => host.Resize(Unit));
        AssertStatus(Status.Overlap, () => host.Restore(shorter.Interval));
        host.Resize(2 * Unit);
        window.Map(0, source, 0, Unit, Access.Write);
        host.Unmap(0, 2 * Unit);
        AssertStatus(Status.Overlap, () => host.Resize(0));
        host.Restore(shorter.Interval);
        Assert.That(host.Length, Is.EqualTo(Unit));
    }

    [Test]
    public void A_source_that_becomes_shorter_takes_the_pages_with_it()
    {
        using Container source = Open("source", 64);
        using Container host = Open("host", 64);
        host.Map(0, source, 0, source.Length, Access.Write);
        host.View.Write(Unit, 1L);
        host.View.Write(0, 2L);
        source.Resize(Unit);

        Assert.That(host.View.Read<long>(0), Is.EqualTo(2));
        Assert.That(
            () => host.View.Read<long>(Unit),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.OutOfRange));
        source.Resize(2 * Unit);
        Assert.That(host.View.Read<long>(Unit), Is.Zero);
        Snapshot snapshot = source.TakeSnapshot();
        host.View.Write(0, 3L);
        source.Restore(snapshot.Interval);
        Assert.That(host.View.Read<long>(0), Is.EqualTo(2));
    }

    /// <summary>The end of a container lies in a page that nobody sees in its window.</summary>
    [Test]
    public void The_rest_of_a_hidden_last_page_is_cleared()
    {
        using Container source = Open("source");
        using Container host = Kernel.OpenContainer("host", 2 * Unit);
        host.View.Fill(0, 2 * Unit, 7);
        host.Map(0, source, 0, Unit, Access.Write);
        host.Resize(Unit + 5);
        host.Resize(2 * Unit);
        Assert.That((host.View.Read<byte>(Unit + 4), host.View.Read<byte>(Unit + 5)), Is.EqualTo(((byte)7, (byte)0)));

        using Container inner = Kernel.OpenContainer("inner", Unit);
        inner.View.Fill(0, Unit, 8);
        inner.Map(0, source, 0, Unit, Access.Write);
        inner.Resize(100);
        inner.Resize(Unit);
        inner.Unmap(0, Unit);
        Assert.That((inner.View.Read<byte>(99), inner.View.Read<byte>(100)), Is.EqualTo(((byte)8, (byte)0)));
        inner.TakeSnapshot().WaitForDurable();
    }

    [Test]
    public void A_manager_that_touches_through_a_mapping_what_it_serves_is_told()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        host.Map(0, source, 0, Unit, Access.Write);
        Exception? seen = null;
        Manager.OnFault = () =>
        {
            Manager.OnFault = null;
            seen = Catch(() => host.View.Read<long>(PageSize));
        };
        source.View.Read<long>(0);
        Assert.That(
            seen, Is.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ManagerRecursion));
    }

    [Test]
    public void Mappings_are_told_in_order()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        host.Map(4 * Unit, source, 0, Unit, Access.Read);
        host.Map(Unit, source, 2 * Unit, 2 * Unit, Access.Write);
        Assert.That(host.Mappings, Is.EqualTo(new[]
        {
            new ContainerMapping(Unit, source, 2 * Unit, 2 * Unit, Access.Write),
            new ContainerMapping(4 * Unit, source, 0, Unit, Access.Read),
        }));
    }

    private static Snapshot Cut(Container container, long length)
    {
        long before = container.Length;
        container.Resize(length);
        Snapshot snapshot = container.TakeSnapshot();
        snapshot.WaitForDurable();
        container.Resize(before);
        return snapshot;
    }

    private static long[] Longs(Container container, params long[] offsets) =>
        [.. offsets.Select(offset => container.View.Read<long>(offset))];

    private static unsafe long ReadRaw(Container container, long offset) =>
        Volatile.Read(ref *(long*)(container.View.DangerousPointer + offset));

    private static void OnAnotherThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Catch(action));
        thread.UnsafeStart();                                       // what is started otherwise counts as the holder
        thread.Join();
        if (failure is KernelException refused)
        {
            throw new KernelException(refused.Status, refused.Message, refused);
        }

        Assert.That(failure, Is.Null);
    }

    private static void AssertStatus(Status status, Action action) => Assert.That(
        () => action(), Throws.InstanceOf<KernelException>().With.Property("Status").EqualTo(status));

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
