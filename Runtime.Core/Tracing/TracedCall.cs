using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using static System.FormattableString;

namespace Runtime.Core.Tracing;

/// <summary>
/// One call between kernel and manager, as a <see cref="ManagerTrace"/> sees it. What a call does not have is null.
/// </summary>
/// <remarks>
/// The claims that a manager makes on pages beside the one that faulted, and what else it does with the cursors that an
/// upcall passes, are no calls. Source: docs/semantics.md, "Traces".
/// </remarks>
public readonly record struct TracedCall
{
    /// <summary>The order in which calls began, from 1 and without gaps, for all kernels of one trace.</summary>
    public long Number { get; init; }

    /// <summary>How many calls the thread was in already: 1 for a fault that an upcall makes.</summary>
    public int Depth { get; init; }

    /// <summary>Who calls whom.</summary>
    public CallDirection Direction { get; init; }

    /// <summary>
    /// The name that the interface document has, such as <c>container_fault</c>; one of
    /// <see cref="ManagerTrace.CallNames"/>.
    /// </summary>
    public string Name { get; init; }

    /// <summary>The manager, by the name that it is registered under.</summary>
    public string? Manager { get; init; }

    /// <summary>The container's name.</summary>
    public string? Container { get; init; }

    /// <summary>The manager's name for the container.</summary>
    public Token? Token { get; init; }

    /// <summary>The kernel that asks for a page.</summary>
    public MachineId? Machine { get; init; }

    /// <summary>Where in the container, in bytes.</summary>
    public ulong? Offset { get; init; }

    /// <summary>What was attempted, or is to be allowed.</summary>
    public Access? Access { get; init; }

    /// <summary>The interval or version that it is about.</summary>
    public StateInterval? Interval { get; init; }

    /// <summary>
    /// How much is asked for: pages of <c>page_discard</c> and <c>lcd_install</c>, credits of <c>page_set_…</c>,
    /// versions of <c>discard_versions</c>, bytes of <c>container_resize</c>.
    /// </summary>
    public long? Count { get; init; }

    /// <summary>What <c>quality_of_service</c> declares.</summary>
    public ServiceLevel? Level { get; init; }

    /// <summary>When it began, since the trace was made.</summary>
    public TimeSpan At { get; init; }

    /// <summary>How long it took; zero until it has returned.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>
    /// What it returned, once it has: for an exception its status, <see cref="Core.Status.ManagerFailed"/> if it has
    /// none.
    /// </summary>
    public Status? Status { get; init; }

    /// <summary>
    /// What came of it beside the status: pages that were freed by <c>page_discard</c> or found by
    /// <c>lcd_scan_dirty</c>, credits that <c>page_set_take</c> got, versions in a <c>history</c>, bytes of a restored
    /// container, the token of an opened one, 1 for a <c>manage_request</c> that was accepted, the
    /// <see cref="SnapshotState"/> of an interval.
    /// </summary>
    public long? Result { get; init; }

    /// <summary>
    /// As <c>container_fault(m4711, t3 "notes", 0x1000, Read) → Success</c>; without the arrow until it has returned.
    /// </summary>
    public override string ToString()
    {
        string?[] arguments =
        [
            Machine is { } machine ? Invariant($"m{machine.Value}") : null,
            About(),
            Offset is { } offset ? Invariant($"0x{offset:x}") : null,
            Count is { } count ? Invariant($"{count}") : null,
            Name == CallNames.LcdProtect && Access is null ? "None" : Access?.ToString(),
            Interval?.ToString(),
            Level?.ToString(),
        ];
        string call = $"{Name}({string.Join(", ", arguments.Where(argument => argument is not null))})";
        return Status is { } status ? $"{call} → {status}{DescribeResult()}" : call;
    }

    /// <summary>The container, or else the manager, whose pages or page sets it is about.</summary>
    private string? About() => (Token, Container ?? Manager) switch
    {
        ({ } token, _) when Container is null => token.ToString(),
        ({ } token, { } name) => $"{token} {Quote(name)}",
        (null, { } name) => Quote(name),
        _ => null,
    };

    private string DescribeResult() => Result is not { } result ? "" : Name switch
    {
        CallNames.ManageRequest => result != 0 ? ", accepted" : ", declined",
        CallNames.OpenContainer => $", {new Token((ulong)result)}",
        CallNames.StateIntervalQuery => $", {(SnapshotState)result}",
        CallNames.RestoreContainer => Invariant($", {result} bytes"),
        CallNames.History => Invariant($", {result} versions"),
        CallNames.PageSetTake => Invariant($", {result} credits"),
        _ => Invariant($", {result} pages"),
    };

    private static string Quote(string name) =>
        $"\"{name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
