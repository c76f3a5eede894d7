using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Tests.Core.Loci;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>Groups that nobody can use any more go by themselves, and no others.</summary>
public class UnusedGroupTests : LocusFixture
{
    [Test]
    public void A_group_goes_with_the_last_slot_that_names_it()
    {
        Container home = Create("home");
        using Capability master = home.GetCapability();
        Capability derived = master.Derive(KernelRights.Invoke);
        home.Grant(3, derived);
        derived.Dispose();
        Assert.That(Groups(home), Is.EqualTo(2), "a slot of the container names it");

        home.Grant(3, master);
        Assert.That(Groups(home), Is.EqualTo(1));
        Assert.That(master.IsValid);
    }

    [Test]
    public void A_group_stays_while_one_below_it_is_named()
    {
        Container home = Create("home");
        using Capability master = home.GetCapability();
        Capability middle = master.Derive(KernelRights.All);
        Capability leaf = middle.Derive(KernelRights.Invoke);
        middle.Dispose();
        Assert.That(Groups(home), Is.EqualTo(3));
        Assert.That(leaf.IsValid);

        leaf.Dispose();
        Assert.That(Groups(home), Is.EqualTo(1));
    }

    [Test]
    public void The_slots_of_what_is_destroyed_name_nothing()
    {
        Container home = Create("home");
        Container away = Create("away");
        using Capability master = home.GetCapability();
        using Capability end = away.GetCapability();
        using (Capability derived = master.Derive(KernelRights.Invoke))
        {
            away.Grant(0, derived);
        }

        Assert.That(Groups(home), Is.EqualTo(2));
        Assert.That(Kernel.Calls.ContainerDestroy(end.Reference), Is.EqualTo(Status.Success));
        Assert.That(Groups(home), Is.EqualTo(1));
    }

    [Test]
    public void So_do_the_slots_of_a_locus_that_has_ended()
    {
        Container home = Create("home");
        using Capability master = home.GetCapability();
        Runtime.Core.Loci.Locus locus = At(home, locus => locus.Return());
        using (Capability derived = master.Derive(KernelRights.Invoke))
        {
            locus.Grant(0, derived);
        }

        Assert.That(Groups(home), Is.EqualTo(2));
        locus.Resume();
        locus.Completion.Wait();
        Assert.That(() => Groups(home), Is.EqualTo(1).After(10_000, 1));
    }

    [Test]
    public void A_master_stays_though_nobody_names_it()
    {
        Container home = Create("home");
        home.GetCapability().Dispose();
        Assert.That(Groups(home), Is.EqualTo(1));
    }

    private int Groups(Container container) =>
        Kernel.DescribeCapabilities().Single(each => each.Container == container.Name).Groups.Count;
}
