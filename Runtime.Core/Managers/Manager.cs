using Runtime.Core.Containers;
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
    private PageSet? _pages;
    private ManagerServices? _services;
    private BackingContainers? _backing;

    /// <summary>The memory that the kernel lends this manager.</summary>
    /// <exception cref="InvalidOperationException">It is not part of a kernel yet.</exception>
    protected internal PageSet Pages
    {
        get => _pages ?? throw new InvalidOperationException($"{GetType().Name} belongs to no kernel yet");
        internal set => _pages = value;
    }

    /// <summary>The manager's calls on its kernel.</summary>
    /// <exception cref="InvalidOperationException">It is not part of a kernel yet.</exception>
    protected internal ManagerServices Services
    {
        get => _services ?? throw new InvalidOperationException($"{GetType().Name} belongs to no kernel yet");
        internal set => _services = value;
    }

    /// <summary>Containers in which this manager may keep what it knows of others.</summary>
    /// <exception cref="InvalidOperationException">It is not part of a kernel yet.</exception>
    protected internal BackingContainers Backing
    {
        get => _backing ?? throw new InvalidOperationException($"{GetType().Name} belongs to no kernel yet");
        internal set => _backing = value;
    }

    /// <summary>Whether pages are supplied by tasks: <see cref="AsyncManager"/>.</summary>
    internal virtual bool Awaits => false;

    /// <summary>
    /// Somebody wants this manager to look after a container. Whoever accepts has the kernel make it so
    /// (<see cref="ManagerServices.SetManager"/>), which <see cref="OpenContainer"/> follows. By default every
    /// container is accepted.
    /// </summary>
    /// <param name="request">Which container.</param>
    /// <param name="success">Whether it was accepted; declining is no failure.</param>
    /// <returns><see cref="Status.Success"/>, or why it could not be done.</returns>
    protected internal virtual Status ManageRequest(in ManagementRequest request, out bool success)
    {
        Status status = Services.SetManager(request);
        success = status == Status.Success;
        return status;
    }

    /// <summary>
    /// A container that this manager keeps, and that is not loaded, is invoked for the first time. By default it is
    /// loaded: <see cref="OpenContainer"/> follows.
    /// </summary>
    /// <param name="invocation">Whose, and with what.</param>
    /// <param name="support">What is to be done.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; with anything else the invocation fails with
    /// <see cref="Status.ManagerFailed"/>.
    /// </returns>
    protected internal virtual Status InvokeNoSupport(in ColdInvocation invocation, out InvokeSupport support)
    {
        support = InvokeSupport.ActivatedLocally;
        return Status.Success;
    }

    /// <summary>Takes a container on, at its newest version or, read-only, at an older one.</summary>
    /// <exception cref="KernelException"><see cref="Status.NoSuchInterval"/> if that version is not kept.</exception>
    protected internal abstract ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version);

    /// <summary>
    /// A page is needed that is not there. The manager fills <see cref="PageFault.Memory"/>, installs it, and may claim
    /// and install neighbours.
    /// </summary>
    /// <returns>
    /// <see cref="Status.Success"/> once installed, or why the page cannot be supplied: one of those that
    /// <see cref="PageFault.Fail"/> takes. Anything else counts as <see cref="Status.ManagerFailed"/>.
    /// </returns>
    protected internal abstract Status ContainerFault(in PageFault fault);

    /// <summary>
    /// A cut is being made: the interval is closed and the next one opens. Writers are held still meanwhile, so the
    /// manager takes note and saves later, when <see cref="ContainerStabiliseRequest"/> asks for it.
    /// </summary>
    /// <returns><see cref="Status.Success"/> when the snapshot may exist; otherwise there is none.</returns>
    protected internal abstract Status ContainerSnapshot(in SnapshotCut cut);

    /// <summary>
    /// The manager brings a closed interval to stable storage, while writers go on. Called for one container in the
    /// order of its cuts, for several at once, by a thread of the kernel or by one that waits for a snapshot; a manager
    /// that has saved everything at the cut need not override it.
    /// </summary>
    /// <returns>
    /// <see cref="Status.Success"/> when the snapshot is durable; <see cref="Status.Accepted"/> when it will be, which
    /// <see cref="ManagerServices.StateIntervalStable"/> then reports within the time of a fault. Otherwise there is no
    /// such snapshot, nor any newer one, and the next cut saves their pages. <see cref="Status.NoResources"/> and
    /// <see cref="Status.IoError"/> are a disk's answers, and the manager will be asked again; with any other the
    /// container is quarantined.
    /// </returns>
    protected internal virtual Status ContainerStabiliseRequest(in StabiliseRequest request) => Status.Success;

    /// <summary>
    /// Whether <see cref="CommitTogether"/> is there to be called. If so, no request to save a container that was cut
    /// together with others of this manager is to make its snapshot durable (<see cref="StabiliseRequest.IsJoint"/>),
    /// nor to be answered with <see cref="Status.Accepted"/>.
    /// </summary>
    protected internal virtual bool CommitsTogether => false;

    /// <summary>
    /// The pages of containers that were cut together are saved, and nothing older of them is left to be: the manager
    /// makes these intervals durable, all of them or none. On a thread as <see cref="ContainerStabiliseRequest"/>.
    /// </summary>
    /// <param name="members">At least two, of different containers.</param>
    /// <returns>
    /// <see cref="Status.Success"/> when all snapshots are durable. Otherwise there is none of them, as when one could
    /// not be saved.
    /// </returns>
    protected internal virtual Status CommitTogether(IReadOnlyList<CommitMember> members) => Status.NotSupported;

    /// <summary>
    /// A snapshot is on stable storage, and a recovery would go back to it: older ones may be dropped, without telling
    /// the kernel. Called for one container in the order of its snapshots, before whoever waits for the snapshot goes
    /// on.
    /// </summary>
    /// <returns>
    /// Anything but <see cref="Status.Success"/> and <see cref="Status.Accepted"/> quarantines the container.
    /// </returns>
    protected internal virtual Status SnapshotIsRecoverable(Token container, StateInterval interval) => Status.Success;

    /// <summary>What does the manager hold of a closed interval? By default what its history lists is stable.</summary>
    /// <remarks>The kernel knows which snapshots are not saved yet, and to which one a recovery goes back.</remarks>
    protected internal virtual SnapshotState StateIntervalQuery(ContainerRecord container, StateInterval interval) =>
        History(container).Any(version => version.Interval == interval) ? SnapshotState.Stable : SnapshotState.None;

    /// <summary>
    /// Whether <see cref="ContRollback"/> is there to be called; without it a rollback is refused before anything
    /// changes.
    /// </summary>
    protected internal virtual bool SupportsRollback => false;

    /// <summary>
    /// The container is back at the end of an interval, the one that a recovery goes back to: the open one and every
    /// snapshot newer than that are to be dropped, durably. Called while nothing of the container is being saved and
    /// its faults wait; may be called again for the same interval.
    /// </summary>
    /// <returns>
    /// Anything but <see cref="Status.Success"/> and <see cref="Status.Accepted"/> quarantines the container.
    /// </returns>
    protected internal virtual Status ContRollback(Token container, StateInterval interval) => Status.NotSupported;

    /// <summary>
    /// A snapshot came to nothing, because it or an older one could not be saved: the open interval has written its
    /// pages. Called in the order of the cuts, while no cut is made; pages that the manager holds already it goes on
    /// holding, for the open interval.
    /// </summary>
    protected internal virtual void SnapshotAbandoned(Token container, StateInterval interval)
    {
    }

    /// <summary>
    /// The kernel is short of memory: the manager picks pages of its containers and gives them back. By default clean
    /// ones, by second chance; one that can save pages before their interval is cut saves dirty ones first.
    /// </summary>
    /// <remarks>
    /// From a manager that does not comply within <see cref="KernelOptions.PageDiscardLimit"/> the kernel takes clean
    /// pages. Called during a fault, on its thread if the container is this manager's and else on one of the kernel's,
    /// one call at a time: nothing here may wait for a fault of another thread. One that throws anything but what a
    /// disk answered has failed: its containers are quarantined (docs/semantics.md, "Quarantine").
    /// </remarks>
    protected internal virtual void PageDiscard(in DiscardRequest request)
    {
        while (request.TryNext())
        {
            request.Discard();
        }
    }

    /// <summary>
    /// The program says how it is going to use pages (<see cref="ContainerView.Advise"/>): the manager may prepare for
    /// it. The kernel does its own part in any case.
    /// </summary>
    /// <remarks>On the program's thread, which waits; what is thrown here nobody hears of.</remarks>
    protected internal virtual void ContainerAdvised(
        Token container, PageNumber first, long count, AccessPattern pattern)
    {
    }

    /// <summary>
    /// The length of a container is about to change, for the open interval: pages beyond it are to read as zeroes from
    /// now on, also when it grows again. Called while no cut is made.
    /// </summary>
    /// <returns>Anything but <see cref="Status.Success"/> leaves the length as it is.</returns>
    protected internal virtual Status ContainerResize(Token container, long length) => Status.NotSupported;

    /// <summary>
    /// The content of an older version becomes the beginning of the open interval, durably; newer versions stay. Called
    /// while nothing of the container is dirty or still to be saved, and its faults wait.
    /// </summary>
    /// <returns>The length in bytes.</returns>
    /// <exception cref="KernelException"><see cref="Status.NoSuchInterval"/> if that version is not kept.</exception>
    protected internal virtual long RestoreContainer(Token container, StateInterval version) =>
        throw NotSupported("restore a version");

    /// <summary>Makes a new container, durably, that begins with a version of another, by default its newest.</summary>
    protected internal virtual ContainerRecord CloneContainer(
        ContainerRecord source, StateInterval? version, string name) => throw NotSupported("clone a container");

    /// <summary>Drops kept versions, durably and all together.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/>, <see cref="Status.IntervalPinned"/> for the version that the container
    /// begins with, <see cref="Status.Busy"/> for one that is open.
    /// </exception>
    protected internal virtual void DiscardVersions(
        ContainerRecord container, IReadOnlyCollection<StateInterval> versions) => throw NotSupported("drop a version");

    /// <summary>The kept versions of a container, oldest first.</summary>
    protected internal abstract IReadOnlyList<SnapshotInfo> History(ContainerRecord container);

    /// <summary>The kernel is done with the container that it knew by this token.</summary>
    protected internal virtual void CloseContainer(Token container)
    {
    }

    /// <summary>
    /// The container is being destroyed, with all its versions: nothing of it is needed any more.
    /// <see cref="CloseContainer"/> follows.
    /// </summary>
    protected internal virtual void ContainerDestroyed(Token container)
    {
    }

    /// <summary>Begins the task of a manager that <see cref="Awaits"/>.</summary>
    internal virtual ValueTask<Status> Await(PageRequest request) =>
        throw new InvalidOperationException($"{GetType().Name} supplies no pages by tasks");

    /// <summary>Frees what the manager holds; containers are closed before.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private KernelException NotSupported(string what) =>
        new(Status.NotSupported, $"the manager {GetType().Name} cannot {what}");

    /// <inheritdoc cref="Dispose()"/>
    protected virtual void Dispose(bool disposing)
    {
    }
}
