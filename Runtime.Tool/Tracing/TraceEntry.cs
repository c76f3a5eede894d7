using System.Text.Json.Serialization;
using Runtime.Core.Tracing;

namespace Runtime.Tool.Tracing;

/// <summary>A call as <c>trace --json</c> prints it; without a status it has not returned yet.</summary>
internal sealed record TraceEntry(
    long Number,
    double AtMs,
    int Thread,
    int Depth,
    string Direction,
    string Call,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Manager,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Container,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Token,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Machine,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Offset,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Access,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ulong? Interval,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Count,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Level,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Result,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Microseconds)
{
    internal static TraceEntry From(in TracedCall call, int thread) => new(
        call.Number,
        Math.Round(call.At.TotalMilliseconds, 3),
        thread,
        call.Depth,
        call.Direction.ToString(),
        call.Name,
        call.Manager,
        call.Container,
        call.Token?.Value,
        call.Machine?.Value,
        call.Offset,
        call.Access?.ToString(),
        call.Interval?.Value,
        call.Count,
        call.Level?.ToString(),
        call.Status?.ToString(),
        call.Result,
        call.Status is null ? null : Math.Round(call.Elapsed.TotalMicroseconds, 1));
}
