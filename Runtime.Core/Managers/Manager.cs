using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core.Managers;

/// <summary>
/// Supplies the pages of containers and keeps their versions: the only path from stable to volatile storage.
/// </summary>
/// <remarks>
/// The kernel makes these upcalls, several at once for different pages; faults mostly on the faulting thread. While it
/// serves a container a manager must not touch that container's window: a fault there is
/// <see cref="Status.ManagerRecursion"/>. A <see cref="KernelException"/> thrown by an upcall counts as its status, any
/// other exception as <see cref="Status.ManagerFailed"/>. Source: docs/semantics.md, "The manager's upcalls".
/// </remarks>
public abstract class Manager : IDisposable
{
    /// <summary>Takes a container on, at its newest version or, read-only, at an older one.</summary>
    /// <exception cref="KernelException"><see cref="Status.NoSuchInterval"/> if that version is not kept.</exception>
    protected internal abstract ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version);

    /// <summary>
    /// A page is needed that is not there. The manager fills <see cref="PageFault.Memory"/>, installs it, and may claim
    /// and install neighbours.
    /// </summary>
    /// <returns><see cref="Status.Success"/> once installed, or why the page cannot be supplied.</returns>
    protected internal abstract Status ContainerFault(in PageFault fault);

    /// <summary>A cut was made: the manager saves the pages written in the interval that the cut closes.</summary>
    /// <returns><see cref="Status.Success"/> when the snapshot is durable; otherwise there is no snapshot.</returns>
    protected internal abstract Status ContainerSnapshot(in SnapshotCut cut);

    /// <summary>The kept versions of a container, oldest first.</summary>
    protected internal abstract IReadOnlyList<SnapshotInfo> History(ContainerRecord container);

    /// <summary>The kernel is done with the container that it knew by this token.</summary>
    protected internal virtual void CloseContainer(Token container)
    {
    }

    /// <summary>Frees what the manager holds; containers are closed before.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected virtual void Dispose(bool disposing)
    {
    }
}
