using System.Reflection;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Core.Loci;
using Runtime.Tests.Core.Loci;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>
/// A CapRef that is forged, stale, of the wrong type or without the right is refused by every call, each with its own
/// status, and nothing has changed.
/// </summary>
public class BadCapRefTests : LocusFixture
{
    private BadCapRefs _bad = null!;
    private Container _home = null!;

    [TearDown]
    public void CloseHome() => _home?.Dispose();

    private static IEnumerable<CapRefUse> Uses => CapRefUse.All;

    [Test]
    public void The_table_knows_every_parameter_of_every_call_that_is_a_CapRef()
    {
        IEnumerable<string> there = typeof(SystemCalls)
            .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
            .SelectMany(method => method.GetParameters())
            .Where(parameter => parameter.ParameterType == typeof(CapRef)
                || parameter.ParameterType == typeof(CapRef).MakeByRefType())
            .Select(parameter => $"{parameter.Member.Name}({parameter.Name})");

        Assert.That(CapRefUse.All.Select(use => use.ToString()), Is.EquivalentTo(there));
    }

    [TestCaseSource(nameof(Uses))]
    public void A_locus_in_direct_style_is_refused(object use)
    {
        Arrange();
        List<string> wrong = [];

        Locus locus = AtDirect(_home, context => wrong.AddRange(Try((CapRefUse)use, context.Calls)));
        Execute(locus);

        Assert.That(wrong, Is.Empty);
    }

    [TestCaseSource(nameof(Uses))]
    public void A_locus_in_step_style_is_refused(object use)
    {
        Arrange();
        List<string> wrong = [];

        Locus locus = At(_home, context =>
        {
            wrong.AddRange(Try((CapRefUse)use, context.Calls));
            return context.Return();
        });
        Execute(locus);

        Assert.That(wrong, Is.Empty);
    }

    [TestCaseSource(nameof(Uses))]
    public void The_host_program_is_refused(object use)
    {
        Arrange();
        foreach ((uint slot, Capability capability) in _bad.Placed)
        {
            Kernel.Calls.CapCopy(capability.Reference, CapRef.Locus(slot + 1000));
        }

        Kernel.Calls.CapCopy(CapRef.Locus(CapRefUse.GoodContainer.Index + 1000), CapRefUse.GoodContainer);
        Kernel.Calls.CapCopy(CapRef.Locus(CapRefUse.OtherContainer.Index + 1000), CapRefUse.OtherContainer);
        Kernel.Calls.CapCopy(CapRef.Locus(CapRefUse.GoodDisk.Index + 1000), CapRefUse.GoodDisk);
        Spoil();

        Assert.That(Try((CapRefUse)use, Kernel.Calls, isHost: true), Is.Empty);
    }

    [Test]
    public void Of_two_CapRefs_each_check_is_made_for_both_before_the_next()
    {
        Arrange();
        Container home = _home;
        var invalid = CapRef.Locus(CapRef.TableSize);
        CapRef locus = Place(300, _bad.Placed.Single(each => each.Slot == CapRefUse.GoodLocus.Index).Capability);
        CapRef good = Place(301, home.GetCapability());
        CapRef powerless = Place(302, home.GetCapability().Derive(KernelRights.None));
        Status Map(CapRef host, CapRef source) =>
            Kernel.Calls.ContainerMap(host, 0, source, 0, 64 << 10, Access.Read);

        Assert.Multiple(() =>
        {
            Assert.That(Map(powerless, invalid), Is.EqualTo(Status.InvalidCapRef));
            Assert.That(Map(locus, invalid), Is.EqualTo(Status.InvalidCapRef));
            Assert.That(Map(invalid, powerless), Is.EqualTo(Status.InvalidCapRef));
            Assert.That(Map(powerless, locus), Is.EqualTo(Status.WrongEntityType));
            Assert.That(Map(locus, powerless), Is.EqualTo(Status.WrongEntityType));
            Assert.That(Map(good, powerless), Is.EqualTo(Status.PermissionDenied));
            Assert.That(Map(powerless, good), Is.EqualTo(Status.PermissionDenied));
        });
    }

    private CapRef Place(uint slot, Capability capability)
    {
        Kernel.Calls.CapCopy(capability.Reference, CapRef.Locus(slot));
        return CapRef.Locus(slot);
    }

    private void Arrange()
    {
        foreach (string name in (string[])["disk", "going disk"])
        {
            var image = new ImageDisk();
            image.WriteBlocks(new BlockNumber(0), new byte[IDisk.BlockSize]);
            Kernel.Options.Disks.Add(name, () => image);
        }

        _home = Create("home");
        Create("target", locus => locus.Return());
        Create("going");
        Entries.Add("other", locus => locus.Return());
        _bad = new BadCapRefs(
            (Kernel.GetCapability("target"), Kernel.GetCapability("going")),
            (Kernel.GetCapability(At(_home, locus => locus.Return())),
                Kernel.GetCapability(At(_home, locus => locus.Return()))),
            (Kernel.GetDiskCapability("disk"), Kernel.GetDiskCapability("going disk")),
            _home.GetCapability());
    }

    private void Execute(Locus locus)
    {
        foreach ((uint slot, Capability capability) in _bad.Placed)
        {
            locus.Grant(slot, capability);
            _home.Grant(slot, capability);
        }

        Spoil();
        locus.Resume();
        locus.Completion.GetAwaiter().GetResult();
    }

    private void Spoil()
    {
        _bad.Spoil();
        Locus going = Kernel.Loci.ElementAt(1);
        going.Destroy();
        Assert.That(() => going.Completion.GetAwaiter().GetResult(), Throws.InstanceOf<KernelException>());
        Capability container = Kernel.GetCapability("going");
        Assert.That(Kernel.Calls.ContainerDestroy(container.Reference), Is.EqualTo(Status.Success));
        container.Dispose();
        using Capability disk = Kernel.GetDiskCapability("going disk");
        Assert.That(Kernel.Calls.DiskClose(disk.Reference), Is.EqualTo(Status.Success));
    }

    private List<string> Try(CapRefUse use, SystemCalls calls, bool isHost = false)
    {
        List<string> wrong = [];
        string before = KernelImage.Of(Kernel);
        foreach (CapRefType table in Enum.GetValues<CapRefType>())
        {
            foreach ((string kind, CapRef reference, Status expected) in BadCapRefs.For(use, table))
            {
                Status status = use.Make(calls, isHost ? InHostTable(reference) : reference);
                if (status != (isHost ? OfHost(use, table, expected) : expected))
                {
                    wrong.Add($"{use} with {reference}, {kind}: {status}, not {expected}");
                }

                if (KernelImage.Of(Kernel) is var after && after != before)
                {
                    wrong.Add($"{use} with {reference}, {kind}, has changed\n{before}to\n{after}");
                }
            }
        }

        CapRef good = use.IsSlot ? CapRefUse.FreeSlot
            : use.Type == EntityType.Locus ? CapRefUse.GoodLocus
            : use.Type == EntityType.Disk ? CapRefUse.GoodDisk
            : CapRefUse.GoodContainer;
        Status answer = use.Make(calls, isHost ? InHostTable(good) : good);
        Status hoped = isHost ? use.HostAnswer : use.Answer;
        if (answer != hoped)
        {
            wrong.Add($"{use} with {good}, which is good: {answer}, not {hoped}");
        }

        return wrong;
    }

    /// <summary>The host program executes in no container: it has no table of one.</summary>
    private static Status OfHost(CapRefUse use, CapRefType table, Status expected) =>
        use.IsForLociOnly ? Status.NotSupported
        : table == CapRefType.Container ? Status.InvalidCapRef
        : expected;

    /// <summary>The object surface has the first slots of the host's table.</summary>
    private static CapRef InHostTable(CapRef reference) =>
        reference.Index < 1000 ? reference with { Index = reference.Index + 1000 } : reference;
}
