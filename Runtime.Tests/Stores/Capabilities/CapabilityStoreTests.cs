using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Capabilities;

/// <summary>
/// What survives of capabilities, tables and invocation points: as each container's newest durable version has it.
/// </summary>
public class CapabilityStoreTests
{
    private const KernelRights Derived = KernelRights.Invoke | KernelRights.Derive | KernelRights.Destroy;

    private TemporaryDirectory _directory = null!;
    private SimulatedFileSystem _system = null!;
    private Volume? _volume;
    private Kernel? _kernel;

    [SetUp]
    public void Begin()
    {
        _directory = new TemporaryDirectory();
        _system = new SimulatedFileSystem(_directory.Path, seed: 1);
        Boot();
    }

    [TearDown]
    public void End()
    {
        _kernel?.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Capabilities_tables_and_points_survive_an_ordinary_end()
    {
        Container a = Open("a");
        Open("b");
        Fill(a);

        Restart();

        AssertFilled();
    }

    [Test]
    public void They_survive_a_power_cut_with_the_version_that_was_cut_after_them()
    {
        Container a = Open("a");
        Container b = Open("b");
        Fill(a);
        a.TakeSnapshot().WaitForDurable();
        b.TakeSnapshot().WaitForDurable();

        Crash();

        AssertFilled();
    }

    [Test]
    public void A_version_with_the_same_record_adds_none_to_the_log()
    {
        Container a = Open("a");
        Fill(a);
        _kernel!.CreateLocus("a", _kernel.Options.Entries.Names.First(), isSuspended: true);
        a.TakeSnapshot().WaitForDurable();
        long blocks = _volume!.KernelLog!.Blocks;

        a.View.Write(0, 1L);
        a.TakeSnapshot().WaitForDurable();
        Assert.That(_volume.KernelLog.Blocks, Is.EqualTo(blocks), "the locus rests where it rested");

        a.RemoveInvocationPoint();
        a.TakeSnapshot().WaitForDurable();
        Assert.That(_volume.KernelLog.Blocks, Is.GreaterThan(blocks));
    }

    [Test]
    public void What_no_durable_version_holds_is_as_the_newest_has_it()
    {
        Container a = Open("a");
        Container b = Open("b");
        Fill(a);
        Kernel.TakeSnapshot([a, b]).ToList().ForEach(snapshot => snapshot.WaitForDurable());
        using Capability toB = b.GetCapability();
        a.Grant(9, toB);
        a.SetInvocationPoint("two");
        Capability one = Kernel.GetCapability("b");
        b.RemoveInvocationPoint();
        one.DestroyGroup();                                         // and all below it

        Crash();

        AssertFilled();
        Assert.That(Kernel.EntityOf("a").Table.Find(9), Is.Null);
    }

    [Test]
    public void Without_a_last_snapshot_an_ordinary_end_leaves_the_newest_version_too()
    {
        Container a = Open("a");
        Container b = Open("b");
        Fill(a);
        Kernel.TakeSnapshot([a, b]).ToList().ForEach(snapshot => snapshot.WaitForDurable());
        a.View.Write(0, 5L);
        a.RemoveInvocationPoint();
        b.RemoveInvocationPoint();
        Kernel.Options.SnapshotOnDispose = false;
        b.Dispose();
        Kernel.CreateLocus("a", "one", isSuspended: true);

        Restart();

        AssertFilled();
        Assert.That(Open("a").View.Read<long>(0), Is.Zero);
        Assert.That(Kernel.Loci, Is.Empty);
    }

    [Test]
    public void A_deleted_group_stays_deleted_and_who_names_it_names_nothing([Values] bool isMaster)
    {
        Container a = Open("a");
        Container b = Open("b");
        Fill(a);
        Kernel.TakeSnapshot([a, b]).ToList().ForEach(snapshot => snapshot.WaitForDurable());
        PermissionGroup derived = a.Entity!.Table.Find(2)!;
        Kernel.Capabilities.Add(Kernel.Capabilities.HostTable, isMaster ? b.Entity!.Master : derived);
        uint slot = Kernel.Capabilities.HostTable.All()
            .Single(each => each.Group == (isMaster ? b.Entity!.Master : derived)).Index;
        Assert.That(Kernel.Calls.GroupDestroy(CapRef.Locus(slot)), Is.EqualTo(Status.Success));
        b.TakeSnapshot().WaitForDurable();                          // not a's

        Crash();

        Assert.That(Kernel.EntityOf("a").Table.Find(2), Is.Null);
        Assert.That(Kernel.EntityOf("a").Table.Find(1), isMaster ? Is.Null : Is.Not.Null);

        // And what is made now is not what the old capabilities name.
        using (Capability again = Kernel.GetCapability("b"))
        using (again.Derive(KernelRights.All))
        {
            Assert.That(Kernel.EntityOf("a").Table.Find(2), Is.Null);
            Assert.That(again.Rights, Is.EqualTo(KernelRights.All));
        }
    }

    [Test]
    public void A_capability_for_a_container_that_is_gone_comes_back_as_nothing()
    {
        Container a = Open("a");
        Open("b");
        Fill(a);
        Restart();
        using (Capability b = Kernel.GetCapability("b"))
        {
            Assert.That(Kernel.Calls.ContainerDestroy(b.Reference), Is.EqualTo(Status.Success));
        }

        Crash();

        Assert.That(Kernel.Containers.Select(container => container.Name), Is.EqualTo(["a"]));
        Assert.That(Kernel.EntityOf("a").Table.Find(1), Is.Null);
        Open("b");
        Assert.That(Kernel.EntityOf("a").Table.Find(1), Is.Null, "another of that name is another");
        Assert.That(Kernel.EntityOf("b").EntryName, Is.Null);
    }

    [Test]
    public void A_group_made_after_a_crash_never_has_the_number_of_one_that_was_lost()
    {
        Container a = Open("a");
        Container b = Open("b");
        Kernel.TakeSnapshot([a, b]).ToList().ForEach(snapshot => snapshot.WaitForDurable());
        var seen = new HashSet<ulong>();
        for (int life = 0; life < 5; life++)
        {
            using (Capability toB = Kernel.GetCapability("b"))
            {
                for (uint i = 0; i < 700; i++)
                {
                    using Capability derived = toB.Derive(KernelRights.Invoke);
                    Open("a").Grant(100 + i, derived);
                    Assert.That(
                        seen.Add(Kernel.EntityOf("a").Table.Find(100 + i)!.Number), $"life {life}, capability {i}");
                }
            }

            // a names groups of b that b's durable version does not have; b has others by the time they are looked at.
            Open("a").TakeSnapshot().WaitForDurable();
            Crash();
            Assert.That(Kernel.EntityOf("a").Table.All(), Is.Empty);
        }
    }

    [Test]
    public void A_point_whose_code_is_not_registered_is_kept_and_cannot_be_invoked()
    {
        Container a = Open("a");
        a.SetInvocationPoint("one");

        Restart(withEntries: false);

        using (Capability capability = Kernel.GetCapability("a"))
        {
            Assert.That(
                Kernel.Calls.ContainerGetInvoke(capability.Reference, out string? entry), Is.EqualTo(Status.Success));
            Assert.That(entry, Is.EqualTo("one"));
            KernelException refused = Assert.Throws<KernelException>(() => Kernel.Invoke(capability))!;
            Assert.That(refused.Status, Is.EqualTo(Status.NotRegistered));
        }

        Restart();
        using Capability again = Kernel.GetCapability("a");
        Assert.That(() => Kernel.Invoke(again), Throws.Nothing);
    }

    [Test]
    public void A_container_without_a_manager_keeps_its_capabilities_too()
    {
        Kernel.Calls.ContainerCreate(CapRef.Locus(500), "bare", 4096);
        Kernel.Calls.ContainerSetInvoke(CapRef.Locus(500), "one");
        Container bare = Kernel.OpenContainer("bare");
        Open("b");
        using (Capability b = Kernel.GetCapability("b"))
        {
            bare.Grant(4, b);
        }

        bare.TakeSnapshot().WaitForDurable();

        Crash();

        Assert.That(Kernel.EntityOf("bare").EntryName, Is.EqualTo("one"));
        Assert.That(Kernel.EntityOf("bare").Table.Find(4)?.Entity, Is.SameAs(Kernel.EntityOf("b")));
    }

    private Kernel Kernel => _kernel!;

    private void Boot(bool withEntries = true)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => _volume = Volume.Open(_directory["home"], new VolumeOptions { Create = true }, _system),
            FaultDeadline = TimeSpan.FromSeconds(20),
        };
        options.Managers.Add("snapshotting", () => new SnapshottingManager(_volume!));
        if (withEntries)
        {
            options.Entries.Add("one", locus => locus.Return());
            options.Entries.AddDirect("two", _ => { });
        }

        _kernel = Kernel.Boot(options);
    }

    private void Restart(bool withEntries = true)
    {
        Kernel.Dispose();
        _kernel = null;
        Boot(withEntries);
    }

    /// <summary>Power goes; what the old process still does reaches nothing.</summary>
    private void Crash()
    {
        _system.CutPower();
        try
        {
            Kernel.Dispose();
        }
        catch (AggregateException)
        {
            // It could not save.
        }

        _kernel = null;
        _system.Restart();
        Boot();
    }

    private Container Open(string name) =>
        Kernel.Containers.Any(container => container.Name == name)
            ? Kernel.EntityOf(name).Open ?? Kernel.OpenContainer(name)
            : Kernel.OpenContainer(name, 1 << 20);

    /// <summary>a has b's master in slot 1 and one derived from it in slot 2; both have an invocation point.</summary>
    private void Fill(Container a)
    {
        Container b = Open("b");
        using Capability toB = b.GetCapability();
        using Capability derived = toB.Derive(Derived, userRights: 6);
        using Capability below = derived.Derive(KernelRights.Invoke, userRights: 2);
        a.Grant(1, toB);
        a.Grant(2, derived);
        b.Grant(60_000, below);
        a.SetInvocationPoint("one");
        b.SetInvocationPoint("two");
    }

    private void AssertFilled()
    {
        ContainerEntity a = Kernel.EntityOf("a");
        ContainerEntity b = Kernel.EntityOf("b");
        PermissionGroup derived = a.Table.Find(2)!;
        PermissionGroup below = b.Table.Find(60_000)!;
        Assert.Multiple(() =>
        {
            Assert.That(a.EntryName, Is.EqualTo("one"));
            Assert.That(b.EntryName, Is.EqualTo("two"));
            Assert.That(a.Table.Find(1), Is.SameAs(b.Master));
            Assert.That((derived.Rights, derived.UserRights), Is.EqualTo((Derived, 6u)));
            Assert.That((below.Rights, below.UserRights), Is.EqualTo((KernelRights.Invoke, 2u)));
            Assert.That(below.Parent, Is.SameAs(derived));
            Assert.That(derived.Parent, Is.SameAs(b.Master));
            Assert.That(a.Table.All().Count() + b.Table.All().Count(), Is.EqualTo(3));
        });
    }
}
