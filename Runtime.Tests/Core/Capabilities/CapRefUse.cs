using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Disks;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>One parameter of one system call that takes a CapRef, and what the call needs of it.</summary>
/// <param name="Call">The method of <see cref="SystemCalls"/>.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Type">What the capability must be for; null for anything.</param>
/// <param name="Needed">Every one of these rights.</param>
/// <param name="Make">Makes the call with this CapRef and otherwise good arguments.</param>
internal sealed record CapRefUse(
    string Call,
    string Parameter,
    EntityType? Type,
    KernelRights Needed,
    Func<SystemCalls, CapRef, Status> Make)
{
    private const ulong MappingUnit = 64 << 10;

    /// <summary>A capability for a container, with every right, where each table of the tests has it.</summary>
    internal static CapRef GoodContainer { get; } = CapRef.Locus(100);

    /// <summary>A capability for a locus at rest.</summary>
    internal static CapRef GoodLocus { get; } = CapRef.Locus(103);

    /// <summary>A capability for a disk.</summary>
    internal static CapRef GoodDisk { get; } = CapRef.Locus(105);

    /// <summary>A capability for another container, with every right.</summary>
    internal static CapRef OtherContainer { get; } = CapRef.Locus(104);

    /// <summary>Nothing is there, and something may be put there.</summary>
    internal static CapRef FreeSlot { get; } = CapRef.Locus(102);

    /// <summary>Whether it is where a capability is put, and not one that is used.</summary>
    internal bool IsSlot { get; init; }

    /// <summary>Whether a capability will do that has any right at all.</summary>
    internal bool NeedsAnyRight { get; init; }

    /// <summary>Whether the host program, which executes in no container, is refused whatever it passes.</summary>
    internal bool IsForLociOnly { get; init; }

    /// <summary>What comes when all is well.</summary>
    internal Status Answer { get; init; } = Status.Success;

    /// <summary>The same from the host program.</summary>
    internal Status HostAnswer { get; init; } = Status.Success;

    /// <summary>All there are.</summary>
    internal static IReadOnlyList<CapRefUse> All { get; } =
    [
        new("KmoInvoke", "container", EntityType.Container, KernelRights.Invoke,
            (calls, it) => calls.KmoInvoke(it, nested: false, args: 0, argsSize: 0))
        {
            IsForLociOnly = true, Answer = Status.Accepted, HostAnswer = Status.NotSupported,
        },
        new("ContainerCreate", "result", Type: null, KernelRights.None,
            (calls, it) => calls.ContainerCreate(it, "created", length: 4096)) { IsSlot = true },
        new("ContainerDestroy", "container", EntityType.Container, KernelRights.Destroy,
            (calls, it) => calls.ContainerDestroy(it)),
        new("ContainerSetInvoke", "container", EntityType.Container, KernelRights.SetInvoke,
            (calls, it) => calls.ContainerSetInvoke(it, "other")),
        new("ContainerGetInvoke", "container", EntityType.Container, KernelRights.None,
            (calls, it) => calls.ContainerGetInvoke(it, out _)) { NeedsAnyRight = true },
        new("ContainerRemoveInvoke", "container", EntityType.Container, KernelRights.SetInvoke,
            (calls, it) => calls.ContainerRemoveInvoke(it)),
        new("ContainerMap", "host", EntityType.Container, KernelRights.Map,
            (calls, it) => calls.ContainerMap(it, 0, OtherContainer, 0, MappingUnit, Access.Read)),
        new("ContainerMap", "source", EntityType.Container, KernelRights.Read | KernelRights.Write,
            (calls, it) => calls.ContainerMap(OtherContainer, 0, it, 0, MappingUnit, Access.Write)),
        new("ContainerUnmap", "host", EntityType.Container, KernelRights.Map,
            (calls, it) => calls.ContainerUnmap(it, 0, MappingUnit))
        {
            Answer = Status.OutOfRange, HostAnswer = Status.OutOfRange,
        },
        new("SnapshotRequest", "container", EntityType.Container, KernelRights.Snapshot,
            (calls, it) => calls.SnapshotRequest(it)),
        new("ManageRequest", "manager", EntityType.Container, KernelRights.Invoke,
            (calls, it) => calls.ManageRequest(it, OtherContainer, out _))
        {
            Answer = Status.NotRegistered, HostAnswer = Status.NotRegistered,
        },
        new("ManageRequest", "container", EntityType.Container, KernelRights.SetManager,
            (calls, it) => calls.ManageRequest(OtherContainer, it, out _))
        {
            Answer = Status.NoInvocationPoint, HostAnswer = Status.NoInvocationPoint,
        },
        new("SetManager", "container", EntityType.Container, KernelRights.SetManager,
            (calls, it) => calls.SetManager(it, OtherContainer, token: null))
        {
            Answer = Status.NoInvocationPoint, HostAnswer = Status.NoInvocationPoint,
        },
        new("SetManager", "manager", EntityType.Container, KernelRights.None,
            (calls, it) => calls.SetManager(OtherContainer, it, token: null))
        {
            Answer = Status.NotRegistered, HostAnswer = Status.NotRegistered,
        },
        new("RemoveManager", "container", EntityType.Container, KernelRights.SetManager,
            (calls, it) => calls.RemoveManager(it)),
        new("MapRootPage", "container", EntityType.Container, KernelRights.SetManager,
            (calls, it) => calls.MapRootPage(it, 8 * 4096, out _)),
        new("GetRootPage", "container", EntityType.Container, KernelRights.Read,
            (calls, it) => calls.GetRootPage(it, out _)),
        new("DiskOpen", "result", Type: null, KernelRights.None,
            (calls, it) => calls.DiskOpen(it, "disk")) { IsSlot = true, Answer = Status.NotSupported },
        new("DiskReadBlocks", "disk", EntityType.Disk, KernelRights.Read,
            (calls, it) => calls.DiskReadBlocks(it, new BlockNumber(0), new byte[IDisk.BlockSize])),
        new("DiskWriteBlocks", "disk", EntityType.Disk, KernelRights.Write,
            (calls, it) => calls.DiskWriteBlocks(it, new BlockNumber(0), new byte[IDisk.BlockSize])),
        new("DiskFlush", "disk", EntityType.Disk, KernelRights.Write, (calls, it) => calls.DiskFlush(it)),
        new("DiskClose", "disk", EntityType.Disk, KernelRights.Destroy, (calls, it) => calls.DiskClose(it)),
        new("LocusMap", "source", EntityType.Container, KernelRights.Read | KernelRights.Write,
            (calls, it) => calls.LocusMap(it, 0, 0, MappingUnit, Access.Write)) { HostAnswer = Status.NotSupported },
        new("LocusCreate", "result", Type: null, KernelRights.None,
            (calls, it) => calls.LocusCreate(it, "other", isSuspended: true))
        {
            IsSlot = true, HostAnswer = Status.NotSupported,
        },
        new("LocusSuspend", "locus", EntityType.Locus, KernelRights.Suspend, (calls, it) => calls.LocusSuspend(it)),
        new("LocusResume", "locus", EntityType.Locus, KernelRights.Suspend, (calls, it) => calls.LocusResume(it)),
        new("LocusDestroy", "locus", EntityType.Locus, KernelRights.Destroy, (calls, it) => calls.LocusDestroy(it)),
        new("CapCopy", "source", Type: null, KernelRights.None, (calls, it) => calls.CapCopy(it, FreeSlot)),
        new("CapCopy", "destination", Type: null, KernelRights.None, (calls, it) => calls.CapCopy(GoodContainer, it))
        {
            IsSlot = true,
        },
        new("CapDerive", "source", Type: null, KernelRights.Derive,
            (calls, it) => calls.CapDerive(it, FreeSlot, KernelRights.All, uint.MaxValue)),
        new("CapDerive", "destination", Type: null, KernelRights.None,
            (calls, it) => calls.CapDerive(GoodContainer, it, KernelRights.All, uint.MaxValue)) { IsSlot = true },
        new("GroupDestroy", "capability", Type: null, KernelRights.Destroy, (calls, it) => calls.GroupDestroy(it)),
    ];

    /// <inheritdoc/>
    public override string ToString() => $"{Call}({Parameter})";
}
