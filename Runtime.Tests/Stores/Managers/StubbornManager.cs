using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Tests.Stores.Managers;

/// <summary>A manager that is good at everything, but gives no pages back when it is asked for some.</summary>
internal class StubbornManager(Manager manager) : Manager
{
    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        manager.Pages = Pages;
        return manager.OpenContainer(container, version);
    }

    protected internal override Status ContainerFault(in PageFault fault) => manager.ContainerFault(fault);

    protected internal override Status ContainerSnapshot(in SnapshotCut cut) => manager.ContainerSnapshot(cut);

    protected internal override Status ContainerStabiliseRequest(in StabiliseRequest request) =>
        manager.ContainerStabiliseRequest(request);

    protected internal override void SnapshotAbandoned(Token container, StateInterval interval) =>
        manager.SnapshotAbandoned(container, interval);

    protected internal override void PageDiscard(in DiscardRequest request)
    {
    }

    protected internal override Status ContainerResize(Token container, long length) =>
        manager.ContainerResize(container, length);

    protected internal override long RestoreContainer(Token container, StateInterval version) =>
        manager.RestoreContainer(container, version);

    protected internal override ContainerRecord CloneContainer(
        ContainerRecord source, StateInterval? version, string name) => manager.CloneContainer(source, version, name);

    protected internal override void DiscardVersions(
        ContainerRecord container, IReadOnlyCollection<StateInterval> versions) =>
        manager.DiscardVersions(container, versions);

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) =>
        manager.History(container);

    protected internal override void CloseContainer(Token container) => manager.CloseContainer(container);

    protected internal override void ContainerDestroyed(Token container) => manager.ContainerDestroyed(container);

    protected override void Dispose(bool disposing)
    {
        manager.Dispose();
        base.Dispose(disposing);
    }
}
