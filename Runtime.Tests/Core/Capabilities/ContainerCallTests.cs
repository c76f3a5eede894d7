using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Core.Loci;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>Creating and destroying containers and setting their invocation points, by docs/semantics.md.</summary>
public class ContainerCallTests : LocusFixture
{
    private static readonly CapRef s_it = CapRef.Locus(500);

    [Test]
    public void A_new_container_has_every_right_and_neither_manager_nor_invocation_point()
    {
        Assert.That(Kernel.Calls.ContainerCreate(s_it, "new", 8192), Is.EqualTo(Status.Success));

        Assert.Multiple(() =>
        {
            Assert.That(Kernel.Capabilities.HostTable.Find(s_it.Index)!.Rights, Is.EqualTo(KernelRights.All));
            Assert.That(
                Kernel.Calls.ContainerGetInvoke(s_it, out string? entry), Is.EqualTo(Status.NoInvocationPoint));
            Assert.That(entry, Is.Null);
            using Container container = Kernel.OpenContainer("new");
            Assert.That(container.Length, Is.EqualTo(8192));
            Assert.That(StatusOf(() => container.View.Read<long>(0)), Is.EqualTo(Status.NoManager));
            Assert.That(StatusOf(() => container.View.Write(0, 1L)), Is.EqualTo(Status.NoManager));
            using Capability capability = container.GetCapability();
            Assert.That(StatusOf(() => Kernel.Invoke(capability)), Is.EqualTo(Status.NoInvocationPoint));
        });
    }

    [Test]
    public void A_locus_that_touches_a_container_without_a_manager_is_told_and_goes_on()
    {
        var statuses = new List<Status>();
        Entries.AddDirect("touches", locus =>
        {
            statuses.Add(StatusOf(() => locus.View.Read<long>(0)));
            statuses.Add(locus.Calls.KmoInvoke(CapRef.Locus(0), nested: true, args: 0, argsSize: 8));
            statuses.Add(locus.Calls.KmoReturn(args: 0, argsSize: 8));
            locus.Return(Bytes(1));
        });
        Kernel.Calls.ContainerCreate(s_it, "new", 8192);
        Kernel.Calls.ContainerSetInvoke(s_it, "touches");
        Locus locus = Kernel.CreateLocus("new", "touches", isSuspended: true);
        using (Capability capability = Kernel.GetCapability("new"))
        {
            locus.Grant(0, capability);
        }

        locus.Resume();

        Assert.That(Value(locus.Completion.Result), Is.EqualTo(1));
        Assert.That(statuses, Is.EqualTo([Status.NoManager, Status.NoManager, Status.NoManager]));
    }

    [TestCase(-1L, "new", Status.OutOfRange)]
    [TestCase(long.MinValue, "new", Status.OutOfRange)]
    [TestCase((1L << 40) + 1, "new", Status.OutOfRange)]
    [TestCase(4096L, "there", Status.AlreadySet)]
    [TestCase(0L, "new", Status.Success)]
    [TestCase(1L << 40, "new", Status.Success)]
    [TestCase(4096L, null, Status.Success)]
    public void Its_length_and_name_are_checked(long length, string? name, Status expected)
    {
        Create("there");
        string before = KernelImage.Of(Kernel);

        Assert.That(Kernel.Calls.ContainerCreate(s_it, name, length), Is.EqualTo(expected));

        Assert.That(KernelImage.Of(Kernel) == before, Is.EqualTo(expected != Status.Success));
        Assert.That(Section.LengthLimit, Is.EqualTo(1L << 40));
    }

    [Test]
    public void Creation_checks_the_slot_before_the_range()
    {
        Assert.That(
            Kernel.Calls.ContainerCreate(CapRef.Locus(CapRef.TableSize), "new", length: -1),
            Is.EqualTo(Status.InvalidCapRef));
        Assert.That(Kernel.Containers, Is.Empty);
    }

    [Test]
    public void Two_without_names_are_two()
    {
        Kernel.Calls.ContainerCreate(s_it);
        Kernel.Calls.ContainerCreate(s_it);

        Assert.That(Kernel.Containers, Has.Count.EqualTo(2));
    }

    [Test]
    public void An_invocation_point_is_set_read_replaced_and_removed()
    {
        using Container container = Create("c");
        Entries.Add("one", locus => locus.Return(Bytes(1)));
        Entries.AddDirect("two", locus => locus.Return(Bytes(2)));
        using Capability it = container.GetCapability();
        SystemCalls calls = Kernel.Calls;

        Assert.Multiple(() =>
        {
            Assert.That(calls.ContainerRemoveInvoke(it.Reference), Is.EqualTo(Status.NoInvocationPoint));
            Assert.That(calls.ContainerSetInvoke(it.Reference, "none"), Is.EqualTo(Status.NotRegistered));
            Assert.That(StatusOf(() => container.SetInvocationPoint("none")), Is.EqualTo(Status.NotRegistered));
            Assert.That(StatusOf(container.RemoveInvocationPoint), Is.EqualTo(Status.NoInvocationPoint));
            Assert.That(container.InvocationPoint, Is.Null);

            Assert.That(calls.ContainerSetInvoke(it.Reference, "one"), Is.EqualTo(Status.Success));
            Assert.That(calls.ContainerGetInvoke(it.Reference, out string? one), Is.EqualTo(Status.Success));
            Assert.That(one, Is.EqualTo("one"));
            Assert.That(Value(Kernel.Invoke(it)), Is.EqualTo(1));

            Assert.That(calls.ContainerSetInvoke(it.Reference, "none"), Is.EqualTo(Status.NotRegistered));
            Assert.That(container.InvocationPoint, Is.EqualTo("one"), "what fails changes nothing");

            container.SetInvocationPoint("two");
            Assert.That(Value(Kernel.Invoke(it)), Is.EqualTo(2));

            Assert.That(calls.ContainerRemoveInvoke(it.Reference), Is.EqualTo(Status.Success));
            Assert.That(calls.ContainerGetInvoke(it.Reference, out _), Is.EqualTo(Status.NoInvocationPoint));
            Assert.That(StatusOf(() => Kernel.Invoke(it)), Is.EqualTo(Status.NoInvocationPoint));
        });
    }

    [Test]
    public void The_point_of_a_container_may_be_read_with_any_right_of_either_kind()
    {
        using Container container = Create("c", locus => locus.Return());
        using Capability master = container.GetCapability();
        using Capability byKernel = master.Derive(KernelRights.Read, userRights: 0);
        using Capability byUser = master.Derive(KernelRights.None, userRights: 1);
        using Capability none = master.Derive(KernelRights.None, userRights: 0);

        Assert.Multiple(() =>
        {
            Assert.That(
                Kernel.Calls.ContainerGetInvoke(byKernel.Reference, out _), Is.EqualTo(Status.Success));
            Assert.That(Kernel.Calls.ContainerGetInvoke(byUser.Reference, out _), Is.EqualTo(Status.Success));
            Assert.That(
                Kernel.Calls.ContainerGetInvoke(none.Reference, out string? entry),
                Is.EqualTo(Status.PermissionDenied));
            Assert.That(entry, Is.Null);
        });
    }

    [Test]
    public void A_destroyed_container_is_gone_with_its_name_its_versions_and_every_capability([Values] bool isOpen)
    {
        Container container = Create("c", locus => locus.Return());
        container.View.Write(0, 1L);
        container.TakeSnapshot().WaitForDurable();
        Capability it = container.GetCapability();
        Capability derived = it.Derive(KernelRights.All);
        if (!isOpen)
        {
            container.Dispose();
        }

        Assert.That(Kernel.Calls.ContainerDestroy(derived.Reference), Is.EqualTo(Status.Success));

        Assert.Multiple(() =>
        {
            Assert.That(it.IsValid, Is.False);
            Assert.That(derived.IsValid, Is.False);
            Assert.That(Kernel.Containers, Is.Empty);
            Assert.That(() => container.View.Read<long>(0), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(StatusOf(() => Kernel.OpenContainer("c")), Is.EqualTo(Status.ContainerGone));
            Assert.That(StatusOf(() => Kernel.GetCapability("c")), Is.EqualTo(Status.ContainerGone));
            Assert.That(Kernel.Calls.ContainerDestroy(it.Reference), Is.EqualTo(Status.InvalidCapRef));
        });
        container.Dispose();

        using Container again = Kernel.OpenContainer("c", 4096);
        using Capability toAgain = again.GetCapability();
        Assert.That(it.IsValid, Is.False);
        Assert.That(again.InvocationPoint, Is.Null);
    }

    [Test]
    public void A_container_with_leases_is_not_destroyed_and_lives_on()
    {
        Kernel.Options.LeaseLimit = TimeSpan.FromMilliseconds(50);
        using Container container = Create("c", locus => locus.Return());
        using Capability it = container.GetCapability();
        using (container.View.Lease(0, 8, Access.Write))
        {
            Assert.That(Kernel.Calls.ContainerDestroy(it.Reference), Is.EqualTo(Status.LeasesOutstanding));
        }

        container.View.Write(0, 7L);
        using (Lease lease = container.View.Lease(0, 8, Access.Write))
        {
            Assert.That(BitConverter.ToInt64(lease.Span), Is.EqualTo(7));
        }

        Assert.That(() => Kernel.Invoke(it), Throws.Nothing);
        Assert.That(Kernel.Calls.ContainerDestroy(it.Reference), Is.EqualTo(Status.Success));
    }

    [Test]
    public void Its_manager_is_told_of_the_destruction()
    {
        Container container = Create("c");
        using Capability it = container.GetCapability();
        container.View.Write(0, 1L);

        Kernel.Calls.ContainerDestroy(it.Reference);

        Assert.That(Manager.Destroyed, Is.EqualTo(["c"]));
    }

    [Test]
    public void A_manager_that_throws_when_it_is_told_does_not_keep_the_container()
    {
        Container container = Create("c", locus => locus.Return());
        using Capability it = container.GetCapability();
        Manager.OnDestroyed = () => throw new InvalidOperationException("no");

        Assert.That(Kernel.Calls.ContainerDestroy(it.Reference), Is.EqualTo(Status.Success));

        Assert.Multiple(() =>
        {
            Assert.That(it.IsValid, Is.False);
            Assert.That(Kernel.Containers, Is.Empty);
            Assert.That(() => container.View.Read<long>(0), Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [Test]
    public void A_snapshot_that_is_requested_exists_when_the_call_returns()
    {
        using Container container = Create("a");
        using Capability capability = container.GetCapability();
        container.View.Write(0, 5L);
        StateInterval closing = container.Interval;

        Assert.That(Kernel.Calls.SnapshotRequest(capability.Reference), Is.EqualTo(Status.Success));

        Assert.That(container.Interval, Is.EqualTo(closing.Next));
        Assert.That(Kernel.QueryStateInterval("a", closing), Is.GreaterThanOrEqualTo(SnapshotState.Volatile));
    }

    [Test]
    public void A_snapshot_is_refused_without_a_manager_and_from_inside()
    {
        Kernel.Calls.ContainerCreate(s_it, "new", 8192);
        Assert.That(Kernel.Calls.SnapshotRequest(s_it), Is.EqualTo(Status.NoManager));

        Status status = Status.Success;
        using Container inside = CreateDirect(
            "inside", locus => status = locus.Calls.SnapshotRequest(CapRef.Locus(0)));
        using Capability capability = inside.GetCapability();
        Locus locus = Kernel.CreateLocus("inside", inside.InvocationPoint!, isSuspended: true);
        locus.Grant(0, capability);
        locus.Resume();
        locus.Completion.Wait();
        Assert.That(status, Is.EqualTo(Status.NotAtBoundary));
    }
}
