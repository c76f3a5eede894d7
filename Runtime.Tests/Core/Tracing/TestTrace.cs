using System.Collections.Concurrent;
using Runtime.Core.Tracing;

namespace Runtime.Tests.Core.Tracing;

/// <summary>Keeps what it sees.</summary>
internal sealed class TestTrace : ManagerTrace
{
    /// <summary>Calls as they began.</summary>
    internal ConcurrentQueue<TracedCall> Begun { get; } = new();

    /// <summary>Calls as they returned.</summary>
    internal ConcurrentQueue<TracedCall> Ended { get; } = new();

    /// <summary>Called with each call that has returned.</summary>
    internal Action<TracedCall>? OnReturned { get; set; }

    /// <summary>What was called, in the order in which calls began, without the process's number.</summary>
    internal string[] Lines =>
    [
        .. Ended.OrderBy(call => call.Number)
            .Select(call => call.ToString().Replace($"m{Environment.ProcessId}", "m", StringComparison.Ordinal)),
    ];

    internal TracedCall Find(string name) => Ended.Last(call => call.Name == name);

    protected override void Called(in TracedCall call) => Begun.Enqueue(call);

    protected override void Returned(in TracedCall call)
    {
        Ended.Enqueue(call);
        OnReturned?.Invoke(call);
    }
}
