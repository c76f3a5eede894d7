namespace Runtime.Core.Tracing;

/// <summary>A call on the kernel, from its beginning until it is disposed; the default is of no trace.</summary>
internal readonly ref struct TraceScope : IDisposable
{
    private readonly ManagerTrace? _trace;
    private readonly TracedCall _call;
    private readonly ref TraceOutcome _outcome;

    /// <param name="trace">Who sees it.</param>
    /// <param name="call">What is called.</param>
    /// <param name="outcome">Where the answer will stand when the call ends.</param>
    internal TraceScope(ManagerTrace trace, scoped in TracedCall call, ref TraceOutcome outcome)
    {
        _trace = trace;
        _call = trace.Begin(in call);
        _outcome = ref outcome;
    }

    public void Dispose() => _trace?.End(in _call, _outcome.Status, _outcome.Result);
}
