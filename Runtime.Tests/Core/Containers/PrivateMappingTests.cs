using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;

namespace Runtime.Tests.Core.Containers;

/// <summary>A mapping made in a window is seen through that window only.</summary>
public class PrivateMappingTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Unit = ContainerMapping.Granularity;

    [Test]
    public void It_is_seen_through_its_window_only_and_overrides_the_containers()
    {
        using Container shared = Open("shared");
        using Container own = Open("own");
        using Container host = Open("host");
        shared.View.Write(0, 1L);
        shared.View.Write(Unit, 2L);
        own.View.Write(0, 10L);
        host.View.Write(0, 100L);
        using ContainerWindow window = host.OpenWindow();
        host.Map(Unit, shared, 0, 2 * Unit, Access.Write);
        window.Map(2 * Unit, own, 0, Unit, Access.Write);
        using ContainerWindow later = host.OpenWindow();

        Assert.That(Longs(host.View), Is.EqualTo(new[] { 100L, 1, 2 }));
        Assert.That(Longs(window.View), Is.EqualTo(new[] { 100L, 1, 10 }));
        Assert.That(Longs(later.View), Is.EqualTo(new[] { 100L, 1, 2 }));
        Assert.That((host.Mappings.Count, window.Mappings.Count, later.Mappings.Count), Is.EqualTo((1, 1, 0)));

        window.View.Write(2 * Unit, 11L);
        later.View.Write(2 * Unit, 3L);
        Assert.That((own.View.Read<long>(0), shared.View.Read<long>(Unit)), Is.EqualTo((11L, 3L)));
        window.Unmap(2 * Unit, Unit);
        Assert.That(Longs(window.View), Is.EqualTo(new[] { 100L, 1, 3 }));
        host.Unmap(Unit, 2 * Unit);
        Assert.That(Longs(window.View), Is.EqualTo(new[] { 100L, 0, 0 }));
        Assert.That(Longs(later.View), Is.EqualTo(new[] { 100L, 0, 0 }));
    }

    [Test]
    public void What_it_hides_of_the_container_goes_on_in_other_windows()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using ContainerWindow window = host.OpenWindow();
        window.View.Write(0, 1L);
        window.Map(0, source, 0, Unit, Access.Write);
        host.View.Write(0, 2L);
        using (Lease lease = host.View.Lease(0, Unit, Access.Write))
        {
            lease.Span[8] = 3;
            Assert.That(window.View.Read<long>(0), Is.Zero);
        }

        Snapshot snapshot = host.TakeSnapshot();
        host.View.Write(0, 4L);
        window.Unmap(0, Unit);
        Assert.That((window.View.Read<long>(0), window.View.Read<byte>(8)), Is.EqualTo((4L, (byte)3)));
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion("host", snapshot.Interval);
        Assert.That(version.View.Read<long>(0), Is.EqualTo(2));
    }

    [Test]
    public void It_shows_what_its_source_shows_and_follows_it()
    {
        using Container bottom = Open("bottom");
        using Container middle = Open("middle");
        using Container host = Open("host");
        using ContainerWindow window = host.OpenWindow();
        bottom.View.Write(0, 1L);
        middle.View.Write(0, 2L);
        window.Map(0, middle, 0, 2 * Unit, Access.Write);
        Assert.That(window.View.Read<long>(0), Is.EqualTo(2));
        middle.Map(0, bottom, 0, Unit, Access.Read);
        Assert.That(window.View.Read<long>(0), Is.EqualTo(1));
        Assert.That(() => window.View.Write(0, 3L), Throws.TypeOf<ContainerFaultException>());
        middle.Unmap(0, Unit);
        window.View.Write(0, 4L);
        Assert.That(middle.View.Read<long>(0), Is.EqualTo(4));
    }

    [Test]
    public void It_ends_with_its_window()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        ContainerWindow window = host.OpenWindow();
        window.Map(0, source, 0, Unit, Access.Write);
        window.View.Write(0, 1L);
        window.Dispose();

        Assert.That(() => window.View.Read<long>(0), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => window.Unmap(0, Unit), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(source.View.Read<long>(0), Is.EqualTo(1));
        Assert.That(source.Memory.Windows.Panes, Has.Length.EqualTo(1));
        source.Map(0, host, 0, Unit, Access.Write);                 // no cycle any more
        Assert.That(source.View.Read<long>(0), Is.Zero);
    }

    [Test]
    public void A_window_that_is_closed_does_not_delay_and_a_lease_in_another_does()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using ContainerWindow window = host.OpenWindow();
        using ContainerWindow other = host.OpenWindow();
        using (other.View.Lease(0, 8, Access.Read))
        {
            Assert.That(
                () => window.Map(0, source, 0, Unit, Access.Write),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.LeasesOutstanding));
        }

        window.Map(0, source, 0, Unit, Access.Write);
        other.Dispose();
        window.Unmap(0, Unit);
    }

    private static long[] Longs(ContainerView view) =>
        [view.Read<long>(0), view.Read<long>(Unit), view.Read<long>(2 * Unit)];
}
