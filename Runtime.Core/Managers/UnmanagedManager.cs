using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core.Managers;

/// <summary>
/// Stands where a manager is missing: no page comes, and snapshots hold nothing but the kernel's own record.
/// </summary>
internal sealed class UnmanagedManager(KernelStore store) : Manager
{
    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version) =>
        version is null
            ? new ManagedContainer(new Token(container.Id), container.Length, NewestOf(container).Next)
            : throw new KernelException(
                Status.NoSuchInterval, $"container '{container.Name}' has no manager, and so no versions");

    protected internal override Status ContainerFault(in PageFault fault) => Status.NoManager;

    protected internal override Status ContainerSnapshot(in SnapshotCut cut) => Status.Success;

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];

    /// <summary>It may have had a manager, whose intervals are not to be issued again.</summary>
    private StateInterval NewestOf(ContainerRecord container) =>
        store.IntervalOf(container.Id) is var kept && kept > container.Newest ? kept : container.Newest;
}
