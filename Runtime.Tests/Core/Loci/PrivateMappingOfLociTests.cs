using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>What a locus sees is its host's window, or a window of its own: protection, by real faults.</summary>
public class PrivateMappingOfLociTests : LocusFixture
{
    private const long Size = ContainerMapping.Granularity;

    [Test]
    public void Only_the_invocation_that_mapped_it_sees_a_private_mapping()
    {
        using Container source = Large("source");
        source.View.Write(Size + 8, 77L);
        using Container home = Large("home");
        home.View.Write(8, 11L);
        using Capability all = source.GetCapability();
        long seen = 0, underneath = 0;

        Run(
            home,
            locus =>
            {
                Assert.That(locus.Calls.LocusMap(CapRef.Locus(0), 0, (ulong)Size, (ulong)Size, Access.Write),
                    Is.EqualTo(Status.Success));
                seen = locus.View.Read<long>(8);
                underneath = home.View.Read<long>(8);
                locus.View.Write(16, 78L);
            },
            all);

        Assert.Multiple(() =>
        {
            Assert.That(seen, Is.EqualTo(77));
            Assert.That(underneath, Is.EqualTo(11));
            Assert.That(source.View.Read<long>(Size + 16), Is.EqualTo(78));
            Assert.That(home.View.Read<long>(8), Is.EqualTo(11));
        });
    }

    [Test]
    public void It_rests_during_a_nested_invocation_and_ends_with_its_own()
    {
        using Container source = Large("source");
        source.View.Write(8, 77L);
        using Container home = Large("home");
        home.View.Write(8, 11L);
        Entries.Add("look", locus => locus.Return(Bytes(locus.View.Read<long>(8))));
        home.SetInvocationPoint("look");
        using Capability all = source.GetCapability();
        using Capability self = home.GetCapability();
        var seen = new List<long>();

        Run(
            home,
            locus =>
            {
                Assert.That(locus.Calls.LocusMap(CapRef.Locus(0), 0, 0, (ulong)Size, Access.Read),
                    Is.EqualTo(Status.Success));
                seen.Add(Value(locus.Invoke(CapRef.Locus(1))));
                seen.Add(locus.View.Read<long>(8));
                Assert.That(locus.Calls.LocusUnmap(0, (ulong)Size), Is.EqualTo(Status.Success));
                seen.Add(locus.View.Read<long>(8));
            },
            all,
            self);

        Assert.That(seen, Is.EqualTo([11, 77, 11]));
        Assert.That(Value(Kernel.Invoke(self)), Is.EqualTo(11));
    }

    [Test]
    public async Task A_refused_write_ends_that_invocation_and_disturbs_nobody_else()
    {
        using Container source = Large("source");
        using Container home = Large("home");
        using Capability all = source.GetCapability();
        using Capability reading = all.Derive(KernelRights.Read);
        var statuses = new List<Status>();

        Locus refused = AtDirect(home, locus =>
        {
            statuses.Add(locus.Calls.LocusMap(CapRef.Locus(0), 0, 0, (ulong)Size, Access.Write));
            statuses.Add(locus.Calls.LocusMap(CapRef.Locus(0), 0, 0, (ulong)Size, Access.Read));
            locus.View.Write(8, 1L);
        });
        refused.Grant(0, reading);
        Locus other = At(home, locus =>
        {
            locus.View.Write(8, 2L);
            return locus.Return();
        });
        refused.Resume();
        KernelException ended = (await Assert.CatchAsync<KernelException>(() => refused.Completion))!;
        other.Resume();
        await other.Completion;

        Assert.Multiple(() =>
        {
            Assert.That(statuses, Is.EqualTo([Status.PermissionDenied, Status.Success]));
            Assert.That(ended.Status, Is.EqualTo(Status.EntryFailed));
            Assert.That(
                (ended.InnerException as ContainerFaultException)?.Status, Is.EqualTo(Status.PermissionDenied));
            Assert.That(home.View.Read<long>(8), Is.EqualTo(2));
        });
    }

    [Test]
    public void A_mapping_for_all_needs_the_right_to_map_and_is_seen_by_all()
    {
        using Container source = Large("source");
        source.View.Write(8, 77L);
        using Container home = Large("home");
        using Capability readable = source.GetCapability();
        using Capability host = home.GetCapability();
        using Capability invoking = host.Derive(KernelRights.Invoke);
        var statuses = new List<Status>();

        Run(
            home,
            locus =>
            {
                statuses.Add(locus.Calls.ContainerMap(
                    CapRef.Locus(2), 0, CapRef.Locus(0), 0, (ulong)Size, Access.Read));
                statuses.Add(locus.Calls.ContainerMap(
                    CapRef.Locus(1), 0, CapRef.Locus(0), 0, (ulong)Size, Access.Read));
                statuses.Add(locus.Calls.ContainerMap(
                    CapRef.Locus(1), 1, CapRef.Locus(0), 0, (ulong)Size, Access.Read));
            },
            readable,
            host,
            invoking);

        Assert.That(home.View.Read<long>(8), Is.EqualTo(77));
        Assert.That(Kernel.Calls.ContainerUnmap(host.Reference, 0, (ulong)Size), Is.EqualTo(Status.Success));
        Assert.That(home.View.Read<long>(8), Is.Zero);
        Assert.That(statuses, Is.EqualTo([Status.PermissionDenied, Status.Success, Status.NotAligned]));
    }

    private Container Large(string name) => Kernel.OpenContainer(name, 4 * Size);
}
