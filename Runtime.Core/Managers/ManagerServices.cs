using Runtime.Core.Capabilities;
using Runtime.Core.Loci;
using Runtime.Core.Memory;
using Runtime.Core.Tracing;

namespace Runtime.Core.Managers;

/// <summary>The calls of a manager on its kernel, about containers that it manages.</summary>
/// <remarks>
/// Thread safe. Made by the kernel with the manager (<see cref="Manager.Services"/>). A token that is not one of the
/// manager's open containers is <see cref="Status.PermissionDenied"/> everywhere. Source: docs/semantics.md, "The
/// manager's calls".
/// </remarks>
public sealed partial class ManagerServices
{
    private readonly Kernel _kernel;
    private readonly ResidentMemory _resident;
    private readonly Manager _manager;

    internal ManagerServices(Kernel kernel, Manager manager)
    {
        _kernel = kernel;
        _resident = kernel.Resident;
        _manager = manager;
    }

    /// <summary>
    /// <c>set_manager</c>: the manager accepts a request to look after a container. It is open afterwards.
    /// </summary>
    /// <param name="request">The request that it serves.</param>
    /// <param name="token">
    /// The name by which the manager wants to know the container, and which its <see cref="Manager.OpenContainer"/>
    /// answers then; null for whatever that answers.
    /// </param>
    /// <returns>
    /// <see cref="Status.Success"/>; as <see cref="SystemCalls.SetManager"/>; <see cref="Status.PermissionDenied"/> if
    /// another manager was asked.
    /// </returns>
    public Status SetManager(in ManagementRequest request, Token? token = null)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.SetManager, request.Container.Name, token, ref outcome);
        if (request.Manager != _manager)
        {
            return outcome.Status = Status.PermissionDenied;
        }

        try
        {
            request.Bind(token);
            return outcome.Status = Status.Success;
        }
        catch (Exception failure) when (Refusal.StatusOf(failure) is { } status)
        {
            return outcome.Status = status;
        }
    }

    /// <summary>
    /// <c>map_root_page</c>: the kernel is to be the manager of one page of a container that this manager has. From
    /// then on the page is always in memory and may be written at any time; with each snapshot of the container, after
    /// <see cref="Manager.ContainerStabiliseRequest"/> has saved the rest, its content then is kept in one step: that
    /// is the commit. At the next opening it is there as it was kept last.
    /// </summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="offset">A multiple of <see cref="PageNumber.Size"/>; the page must not have been touched.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.PermissionDenied"/>, <see cref="Status.NotAligned"/>,
    /// <see cref="Status.OutOfRange"/>, <see cref="Status.AlreadySet"/> if it has a root page,
    /// <see cref="Status.AlreadyInstalled"/> if the page is in memory, <see cref="Status.NoResources"/>; what kept the
    /// kernel's log from noting it.
    /// </returns>
    public Status MapRootPage(Token container, ulong offset)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(
            CallNames.MapRootPage, container, ref outcome, first: new PageNumber(offset / PageNumber.Size));
        return outcome.Status = _resident.Find(_manager, container) is { } memory
            ? _kernel.MapRoot(memory, offset)
            : Status.PermissionDenied;
    }

    /// <summary><c>get_root_page</c>: where the root page of a container is.</summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="offset">Its byte offset; <see cref="ulong.MaxValue"/> if there is none.</param>
    /// <returns><see cref="Status.Success"/>, <see cref="Status.PermissionDenied"/>.</returns>
    public Status GetRootPage(Token container, out ulong offset)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.GetRootPage, container, ref outcome);
        ContainerMemory? memory = _resident.Find(_manager, container);
        offset = memory?.RootOffset ?? ulong.MaxValue;
        return outcome.Status = memory is null ? Status.PermissionDenied : Status.Success;
    }

    /// <summary>
    /// <c>state_interval_stable</c>: a snapshot is on stable storage. The completion of a
    /// <see cref="Manager.ContainerStabiliseRequest"/> that was answered with <see cref="Status.Accepted"/>; may come
    /// before that answer, and more than once.
    /// </summary>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NoSuchInterval"/> if there is no such snapshot,
    /// <see cref="Status.RolledBack"/> if the container has gone back to an older one since,
    /// <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status StateIntervalStable(Token container, StateInterval interval)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.StateIntervalStable, container, ref outcome, interval);
        return outcome.Status = _resident.Find(_manager, container) is { IsReadOnly: false } memory
            ? memory.ReportStable(interval)
            : Status.PermissionDenied;
    }

    /// <summary><c>snapshot_discard</c>: the manager has dropped a snapshot of its own accord.</summary>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NoSuchInterval"/> if there was no such snapshot,
    /// <see cref="Status.IntervalPinned"/> for the one that a recovery goes back to, which may not be dropped,
    /// <see cref="Status.RolledBack"/>, <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status SnapshotDiscard(Token container, StateInterval interval)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.SnapshotDiscard, container, ref outcome, interval);
        return outcome.Status = _resident.Find(_manager, container) is { IsReadOnly: false } memory
            ? memory.ReportDiscarded(interval)
            : Status.PermissionDenied;
    }

    /// <summary>
    /// <c>quality_of_service</c>: declares which intervals can be brought back. A container begins with what
    /// <see cref="ManagedContainer.Level"/> says.
    /// </summary>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.NotSupported"/> for a level that this kernel does not have,
    /// <see cref="Status.Busy"/> while a snapshot of the container is not saved yet,
    /// <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status QualityOfService(Token container, ServiceLevel level)
    {
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.QualityOfService, container, ref outcome, level: level);
        return outcome.Status = _resident.Find(_manager, container) is { IsReadOnly: false } memory
            ? memory.SetLevel(level)
            : Status.PermissionDenied;
    }
}
