using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core.Tracing;

/// <summary>Stands between a kernel and a manager, and shows every upcall to a trace.</summary>
/// <remarks>
/// So a kernel without a trace does not even ask whether there is one. For the kernel this is the manager: the calls of
/// the one behind it come under this one's identity. Faults, cuts, saves and discards allocate nothing here.
/// </remarks>
internal sealed class TracedManager(Manager manager, ManagerTracer tracer) : Manager
{
    private delegate Status Upcall<T>(Manager manager, in T argument, ref TraceOutcome outcome)
        where T : allows ref struct;

    internal ManagerTracer Tracer => tracer;

    protected internal override bool SupportsRollback => manager.SupportsRollback;

    protected internal override bool CommitsTogether => manager.CommitsTogether;

    /// <summary>Gives the manager what the kernel has given to this one.</summary>
    internal void PassOn()
    {
        manager.Pages = Pages;
        manager.Services = Services;
        manager.Backing = Backing;
    }

    protected internal override Status ManageRequest(in ManagementRequest request, out bool success)
    {
        bool isAccepted = false;
        Status status = Make(
            Upward(CallNames.ManageRequest, request.Container),
            in request,
            (Manager manager, in ManagementRequest request, ref TraceOutcome outcome) =>
            {
                Status answer = manager.ManageRequest(in request, out isAccepted);
                outcome.Result = isAccepted ? 1 : 0;
                return answer;
            });
        success = isAccepted;
        return status;
    }

    protected internal override Status InvokeNoSupport(in ColdInvocation invocation, out InvokeSupport support)
    {
        InvokeSupport answered = default;
        Status status = Make(
            Upward(CallNames.InvokeNoSupport, invocation.Container) with
            {
                Machine = invocation.Machine,
                Interval = invocation.Interval,
                Count = invocation.Arguments.Length,
            },
            in invocation,
            (Manager manager, in ColdInvocation invocation, ref TraceOutcome _) =>
                manager.InvokeNoSupport(in invocation, out answered));
        support = answered;
        return status;
    }

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version) =>
        Make(
            Upward(CallNames.OpenContainer, container) with { Interval = version },
            () =>
            {
                ManagedContainer managed = manager.OpenContainer(container, version);
                tracer.Name(managed.Token, container.Name);
                return managed;
            },
            static managed => (long)managed.Token.Value);

    protected internal override Status ContainerFault(in PageFault fault) => Make(
        Upward(CallNames.ContainerFault, fault.Container) with
        {
            Machine = fault.Machine,
            Offset = fault.Offset,
            Access = fault.Access,
        },
        in fault,
        static (Manager manager, in PageFault fault, ref TraceOutcome _) => manager.ContainerFault(in fault));

    internal override bool Awaits => manager.Awaits;

    internal override async ValueTask<Status> Await(PageRequest request)
    {
        TracedCall traced = tracer.Trace.BeginAside(Upward(CallNames.ContainerFault, request.Container) with
        {
            Machine = request.Machine,
            Offset = request.Offset,
            Access = request.Access,
        });
        Status status = Status.ManagerFailed;
        try
        {
            return status = await manager.Await(request).ConfigureAwait(true);
        }
        catch (KernelException failure)
        {
            status = failure.Status;
            throw;
        }
        finally
        {
            tracer.Trace.EndAside(traced, status);
        }
    }

    protected internal override void ContainerAdvised(
        Token container, PageNumber first, long count, AccessPattern pattern) => Make(
            Upward(CallNames.ContainerAdvised, container) with { Offset = first.Offset, Count = count },
            () => manager.ContainerAdvised(container, first, count, pattern));

    protected internal override Status ContainerSnapshot(in SnapshotCut cut) => Make(
        Upward(CallNames.ContainerSnapshot, cut.Container) with { Interval = cut.Interval },
        in cut,
        static (Manager manager, in SnapshotCut cut, ref TraceOutcome _) => manager.ContainerSnapshot(in cut));

    protected internal override Status ContainerStabiliseRequest(in StabiliseRequest request) => Make(
        Upward(CallNames.ContainerStabiliseRequest, request.Container) with { Interval = request.Interval },
        in request,
        static (Manager manager, in StabiliseRequest request, ref TraceOutcome _) =>
            manager.ContainerStabiliseRequest(in request));

    protected internal override Status CommitTogether(IReadOnlyList<CommitMember> members) => Make(
        tracer.About(CallDirection.KernelToManager, CallNames.CommitTogether, container: null) with
        {
            Count = members.Count,
        },
        () => manager.CommitTogether(members));

    protected internal override Status SnapshotIsRecoverable(Token container, StateInterval interval) => Make(
        Upward(CallNames.SnapshotIsRecoverable, container) with { Interval = interval },
        () => manager.SnapshotIsRecoverable(container, interval));

    protected internal override SnapshotState StateIntervalQuery(ContainerRecord container, StateInterval interval) =>
        Make(
            Upward(CallNames.StateIntervalQuery, container) with { Interval = interval },
            () => manager.StateIntervalQuery(container, interval),
            static state => (long)state);

    protected internal override Status ContRollback(Token container, StateInterval interval) => Make(
        Upward(CallNames.ContRollback, container) with { Interval = interval },
        () => manager.ContRollback(container, interval));

    protected internal override void SnapshotAbandoned(Token container, StateInterval interval) => Make(
        Upward(CallNames.SnapshotAbandoned, container) with { Interval = interval },
        () => manager.SnapshotAbandoned(container, interval));

    protected internal override void PageDiscard(in DiscardRequest request) => Make(
        tracer.About(CallDirection.KernelToManager, CallNames.PageDiscard, container: null) with
        {
            Count = request.Pages,
        },
        in request,
        static (Manager manager, in DiscardRequest request, ref TraceOutcome outcome) =>
        {
            manager.PageDiscard(in request);
            outcome.Result = request.Freed;
            return Status.Success;
        });

    protected internal override Status ContainerResize(Token container, long length) => Make(
        Upward(CallNames.ContainerResize, container) with { Count = length },
        () => manager.ContainerResize(container, length));

    protected internal override long RestoreContainer(Token container, StateInterval version) => Make(
        Upward(CallNames.RestoreContainer, container) with { Interval = version },
        () => manager.RestoreContainer(container, version),
        static length => length);

    protected internal override ContainerRecord CloneContainer(
        ContainerRecord source, StateInterval? version, string name) => Make(
            Upward(CallNames.CloneContainer, source) with { Interval = version },
            () => manager.CloneContainer(source, version, name));

    protected internal override void DiscardVersions(
        ContainerRecord container, IReadOnlyCollection<StateInterval> versions) => Make(
            Upward(CallNames.DiscardVersions, container) with { Count = versions.Count },
            () => manager.DiscardVersions(container, versions));

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => Make(
        Upward(CallNames.History, container),
        () => manager.History(container),
        static history => history.Count);

    protected internal override void CloseContainer(Token container)
    {
        Make(Upward(CallNames.CloseContainer, container), () => manager.CloseContainer(container));
        tracer.Forget(container);
    }

    protected internal override void ContainerDestroyed(Token container) => Make(
        Upward(CallNames.ContainerDestroyed, container), () => manager.ContainerDestroyed(container));

    protected override void Dispose(bool disposing)
    {
        manager.Dispose();
        base.Dispose(disposing);
    }

    private TracedCall Upward(string name, Token container) =>
        tracer.About(CallDirection.KernelToManager, name, container);

    private TracedCall Upward(string name, ContainerRecord container) =>
        tracer.About(CallDirection.KernelToManager, name, container.Name);

    private void Make(in TracedCall call, Action upcall) => Make(in call, () =>
    {
        upcall();
        return Status.Success;
    });

    private TResult Make<TResult>(in TracedCall call, Func<TResult> upcall, Func<TResult, long>? describe = null)
    {
        TResult result = default!;
        Make(in call, in upcall, (Manager _, in Func<TResult> upcall, ref TraceOutcome outcome) =>
        {
            result = upcall();
            outcome.Result = describe?.Invoke(result);
            return result is Status status ? status : Status.Success;
        });
        return result;
    }

    private Status Make<T>(in TracedCall call, in T argument, Upcall<T> upcall)
        where T : allows ref struct
    {
        var outcome = new TraceOutcome();
        TracedCall traced = tracer.Trace.Begin(in call);
        try
        {
            outcome.Status = upcall(manager, in argument, ref outcome);
            return outcome.Status;
        }
        catch (KernelException failure)
        {
            outcome.Status = failure.Status;
            throw;
        }
        finally
        {
            tracer.Trace.End(in traced, outcome.Status, outcome.Result);
        }
    }
}
