using System.Globalization;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Core.Loci;

namespace Runtime.Core;

/// <content>What there is, for people to read.</content>
public sealed partial class Kernel
{
    /// <summary>What each container has and grants, by name: groups, table, invocation point.</summary>
    /// <exception cref="VolumeException">The kernel's log is damaged.</exception>
    public IReadOnlyList<CapabilityInfo> DescribeCapabilities()
    {
        Store.ThrowIfDamaged();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return [.. _volume.Containers.Select(EntityOfUnsynchronized).Select(Describe)];
        }
    }

    /// <summary>The loci that rest, or are ready to go on; of one that executes, where it is.</summary>
    /// <exception cref="VolumeException">The kernel's log is damaged.</exception>
    public IReadOnlyList<LocusInfo> DescribeLoci()
    {
        Store.ThrowIfDamaged();
        return
        [
            .. _loci.Values.Where(locus => !locus.IsReused && locus.Depth > 0).OrderBy(locus => locus.Id)
                .Select(locus => locus.Describe(Describe(locus.Table))),
        ];
    }

    private static IReadOnlyList<SlotInfo> Describe(CapabilityTable table) =>
    [
        .. table.All().Select(slot => new SlotInfo(
            slot.Index,
            slot.Group.Entity.Type,
            (slot.Group.Entity as ContainerEntity)?.Record.Name
                ?? (slot.Group.Entity as DiskEntity)?.Name
                ?? slot.Group.Entity.Id.ToString(CultureInfo.InvariantCulture),
            slot.Group.Number,
            slot.Group.Rights,
            slot.Group.UserRights)),
    ];

    private CapabilityInfo Describe(ContainerEntity container)
    {
        lock (Capabilities.Lock)
        {
            return new CapabilityInfo(
                container.Record.Name,
                container.EntryName,
                [.. container.GroupsUnsynchronized.Select(group =>
                    new GroupInfo(group.Number, group.Parent?.Number, group.Rights, group.UserRights))],
                Describe(container.Table));
        }
    }
}
