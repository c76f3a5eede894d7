namespace Runtime.Core.Tracing;

/// <summary>What came of a call; as long as nothing is set, it threw.</summary>
internal struct TraceOutcome()
{
    internal Status Status { get; set; } = Status.ManagerFailed;

    internal long? Result { get; set; }
}
