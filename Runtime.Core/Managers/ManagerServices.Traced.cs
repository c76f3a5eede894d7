using Runtime.Core.Tracing;

namespace Runtime.Core.Managers;

/// <content>How a trace sees these calls.</content>
public sealed partial class ManagerServices
{
    /// <summary>A call that is about the manager's page sets.</summary>
    internal static TraceScope Trace(Manager manager, string name, long count, ref TraceOutcome outcome) =>
        manager is not TracedManager { Tracer: var tracer } ? default : new TraceScope(
            tracer.Trace,
            tracer.About(CallDirection.ManagerToKernel, name, container: null) with { Count = count },
            ref outcome);

    /// <summary>A call that is about a container which the manager has not taken on yet.</summary>
    private TraceScope Trace(string name, string container, Token? token, ref TraceOutcome outcome) =>
        _manager is not TracedManager { Tracer: var tracer } ? default : new TraceScope(
            tracer.Trace,
            tracer.About(CallDirection.ManagerToKernel, name, container) with { Token = token },
            ref outcome);

    /// <summary>A call that is about a container, or pages of one.</summary>
    private TraceScope Trace(
        string name,
        Token container,
        ref TraceOutcome outcome,
        StateInterval? interval = null,
        PageNumber? first = null,
        long? count = null,
        Access? access = null,
        ServiceLevel? level = null) => _manager is not TracedManager { Tracer: var tracer } ? default : new TraceScope(
            tracer.Trace,
            tracer.About(CallDirection.ManagerToKernel, name, container) with
            {
                Interval = interval,
                Offset = first?.Offset,
                Count = count,
                Access = access,
                Level = level,
            },
            ref outcome);
}
