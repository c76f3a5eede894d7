using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Storage;
using Runtime.Tests.Core.Loci;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>Capabilities of the host program, groups and rights, by docs/semantics.md, "Capabilities".</summary>
public class CapabilityTests : LocusFixture
{
    [Test]
    public void A_derived_capability_has_the_rights_asked_for_that_its_parent_has()
    {
        using Container container = Create("c");
        using Capability master = container.GetCapability();
        using Capability some = master.Derive(KernelRights.Invoke | KernelRights.Derive, userRights: 0xff);
        using Capability less = some.Derive(KernelRights.All, userRights: 0xf0f);

        Assert.Multiple(() =>
        {
            Assert.That((master.Rights, master.UserRights), Is.EqualTo((KernelRights.All, uint.MaxValue)));
            Assert.That((some.Rights, some.UserRights), Is.EqualTo((KernelRights.Invoke | KernelRights.Derive, 0xffu)));
            Assert.That((less.Rights, less.UserRights), Is.EqualTo((KernelRights.Invoke | KernelRights.Derive, 0xfu)));
        });
    }

    [Test]
    public void Without_the_right_to_derive_nothing_is_derived()
    {
        using Container container = Create("c");
        using Capability master = container.GetCapability();
        using Capability narrow = master.Derive(KernelRights.All & ~KernelRights.Derive);
        string before = KernelImage.Of(Kernel);

        Assert.That(StatusOf(() => narrow.Derive(KernelRights.None)), Is.EqualTo(Status.PermissionDenied));
        Assert.That(KernelImage.Of(Kernel), Is.EqualTo(before));
    }

    [Test]
    public void A_derivation_checks_both_CapRefs_before_the_right()
    {
        using Container container = Create("c");
        using Capability master = container.GetCapability();
        using Capability narrow = master.Derive(KernelRights.None);

        Assert.That(
            Kernel.Calls.CapDerive(narrow.Reference, CapRef.Locus(CapRef.TableSize), KernelRights.All, 0),
            Is.EqualTo(Status.InvalidCapRef));
    }

    [Test]
    public void A_group_goes_with_its_subtree_everywhere_and_leaves_the_others()
    {
        using Container container = Create("c");
        using Capability master = container.GetCapability();
        using Capability left = master.Derive(KernelRights.All);
        using Capability leftBelow = left.Derive(KernelRights.All);
        using Capability right = master.Derive(KernelRights.All);
        container.Grant(5, leftBelow);
        Locus locus = At(container, locus => locus.Return());
        locus.Grant(6, left);

        left.DestroyGroup();

        Assert.Multiple(() =>
        {
            Assert.That(left.IsValid, Is.False);
            Assert.That(leftBelow.IsValid, Is.False);
            Assert.That(left.Rights, Is.EqualTo(KernelRights.None));
            Assert.That(right.IsValid);
            Assert.That(master.IsValid);
            Assert.That(container.Entity!.Table.Find(5), Is.Null);
            Assert.That(locus.Entity.Table.Find(6), Is.Null);
            Assert.That(StatusOf(left.DestroyGroup), Is.EqualTo(Status.InvalidCapRef));
        });
    }

    [Test]
    public void A_deleted_master_is_renewed_for_the_host_program_and_the_old_one_stays_worth_nothing()
    {
        using Container container = Create("c");
        using Capability old = container.GetCapability();
        using Capability child = old.Derive(KernelRights.All);
        old.DestroyGroup();

        using Capability renewed = container.GetCapability();

        Assert.Multiple(() =>
        {
            Assert.That(renewed.Rights, Is.EqualTo(KernelRights.All));
            Assert.That(old.IsValid, Is.False);
            Assert.That(child.IsValid, Is.False);
        });
    }

    [Test]
    public void A_capability_that_is_worth_nothing_never_names_what_came_later()
    {
        using Container container = Create("c");
        using Capability master = container.GetCapability();
        Capability[] gone = [.. Enumerable.Range(0, 10).Select(_ => master.Derive(KernelRights.All))];
        Array.ForEach(gone, capability => capability.DestroyGroup());

        // They look for slots that are free; those of the old ones are not.
        Capability[] later = [.. Enumerable.Range(0, (int)CapRef.TableSize - 100)
            .Select(_ => master.Derive(KernelRights.Invoke))];

        Assert.Multiple(() =>
        {
            Assert.That(gone.Select(capability => capability.IsValid), Is.All.False);
            Assert.That(later.Select(capability => capability.Reference).Intersect(gone.Select(gone => gone.Reference)),
                Is.Empty);
        });
        Array.ForEach(gone, capability => capability.Dispose());
        Assert.That(later.Select(capability => capability.IsValid), Is.All.True);
    }

    [Test]
    public void A_full_host_table_is_said_and_a_disposed_capability_makes_room()
    {
        using Container container = Create("c");
        Capability[] all = [.. Enumerable.Range(0, (int)CapRef.TableSize).Select(_ => container.GetCapability())];

        Assert.That(StatusOf(() => container.GetCapability()), Is.EqualTo(Status.NoResources));

        all[77].Dispose();
        using Capability another = container.GetCapability();
        Assert.That(another.Reference, Is.EqualTo(CapRef.Locus(77)));
    }

    [Test]
    public void A_disposed_capability_cannot_be_used_even_if_its_slot_is_used_again()
    {
        using Container first = Create("first", locus => locus.Return());
        using Container second = Create("second", locus => locus.Return(Bytes(2)));
        Capability old = first.GetCapability();
        old.Dispose();
        Capability[] later = [.. Enumerable.Range(0, (int)CapRef.TableSize).Select(_ => second.GetCapability())];
        Assert.That(later.Select(capability => capability.Reference), Does.Contain(old.Reference));
        Locus locus = At(first, locus => locus.Return());

        Assert.Multiple(() =>
        {
            Assert.That(old.IsValid, Is.False);
            Assert.That(() => Kernel.Invoke(old), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Kernel.InvokeAsync(old), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => old.Derive(KernelRights.All), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(old.DestroyGroup, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => first.Grant(0, old), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => locus.Grant(0, old), Throws.InstanceOf<ObjectDisposedException>());
        });
        old.Dispose();
        Assert.That(later.Select(capability => capability.IsValid), Is.All.True);
    }

    [Test]
    public void A_capability_of_another_kernel_is_no_capability_here()
    {
        using Container here = Create("here", locus => locus.Return());
        using Capability capability = here.GetCapability();
        var options = new KernelOptions { OpenVolume = () => new MemoryVolume(), DefaultManager = "test" };
        using var manager = new TestManager();
        options.Managers.Add("test", () => manager);
        options.Entries.Add("there", locus => locus.Return(Bytes(1)));
        using Kernel other = Kernel.Boot(options);
        using Container there = other.OpenContainer("there", 4096);
        there.SetInvocationPoint("there");
        using Capability foreign = there.GetCapability();
        Assert.That(foreign.Reference, Is.EqualTo(capability.Reference), "the same slot of another table");

        Locus locus = At(here, locus => locus.Return());
        Assert.Multiple(() =>
        {
            Assert.That(() => Kernel.Invoke(foreign), Throws.ArgumentException);
            Assert.That(() => Kernel.InvokeAsync(foreign), Throws.ArgumentException);
            Assert.That(() => here.Grant(0, foreign), Throws.ArgumentException);
            Assert.That(() => locus.Grant(0, foreign), Throws.ArgumentException);
        });
    }

    [Test]
    public void What_one_call_of_the_host_program_leaves_in_its_table_the_next_does_not_find()
    {
        using Container secret = Create("secret", locus => locus.Return());
        using Capability toSecret = secret.GetCapability();
        using Container first = CreateDirect(
            "first", locus => locus.Calls.CapCopy(CapRef.Container(0), CapRef.Locus(0)));
        first.Grant(0, toSecret);
        using Capability toFirst = first.GetCapability();
        var found = Status.Success;
        using Container second = CreateDirect(
            "second", locus => found = locus.Calls.ContainerGetInvoke(CapRef.Locus(0), out _));
        using Capability toSecond = second.GetCapability();

        Kernel.Invoke(toFirst);
        Kernel.Invoke(toSecond);

        Assert.That(found, Is.EqualTo(Status.InvalidCapRef));
    }

    [Test]
    public void A_CapRef_passes_as_a_number_and_any_number_is_a_CapRef()
    {
        foreach (CapRef reference in (CapRef[])[CapRef.Locus(0), CapRef.Container(7), new((CapRefType)9, 11)])
        {
            Assert.That(CapRef.FromUInt64(reference.ToUInt64()), Is.EqualTo(reference));
        }

        Assert.That(
            Kernel.Calls.CapCopy(CapRef.FromUInt64(ulong.MaxValue), CapRef.Locus(0)),
            Is.EqualTo(Status.InvalidCapRef));
    }

    [Test]
    public void A_slot_of_the_container_means_another_capability_after_a_move()
    {
        using Container x = Create("x", locus => locus.Return(Bytes('x')));
        using Container y = Create("y", locus => locus.Return(Bytes('y')));
        using Capability toX = x.GetCapability();
        using Capability toY = y.GetCapability();
        using Container callee = CreateDirect("callee", locus =>
        {
            CapRef passed = CapRef.FromUInt64((ulong)Value(locus.InArguments));
            locus.Return(locus.Invoke(passed));
        });
        callee.Grant(3, toY);
        using Capability toCallee = callee.GetCapability();
        using Container home = Create("home");
        home.Grant(3, toX);

        byte[] result = Run(
            home,
            locus =>
            {
                var seen = (char)Value(locus.Invoke(CapRef.Container(3)));
                var ofHost = (char)Value(locus.Invoke(CapRef.Locus(0), Bytes((long)CapRef.Container(3).ToUInt64())));
                var ofLocus = (char)Value(locus.Invoke(CapRef.Locus(0), Bytes((long)CapRef.Locus(1).ToUInt64())));
                locus.Return([(byte)seen, (byte)ofHost, (byte)ofLocus]);
            },
            toCallee,
            toX);

        Assert.That(result, Is.EqualTo("xyx"u8.ToArray()));
    }
}
