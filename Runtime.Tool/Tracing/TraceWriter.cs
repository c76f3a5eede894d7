using System.Globalization;
using System.Text.Json;
using Runtime.Core.Tracing;

namespace Runtime.Tool.Tracing;

/// <summary>Writes calls, a line each.</summary>
/// <remarks>Not thread safe. A failure to write is kept: the traced call has nothing to do with it.</remarks>
internal sealed class TraceWriter(TextWriter output, IReadOnlyCollection<string>? names, bool json)
{
    private const int IndentBy = 2;

    /// <summary>Why something is missing; null if nothing is.</summary>
    internal Exception? Failure { get; private set; }

    internal void Write(in TracedCall call, int thread)
    {
        if (Failure is not null || names?.Contains(call.Name) == false)
        {
            return;
        }

        try
        {
            output.WriteLine(json
                ? JsonSerializer.Serialize(TraceEntry.From(in call, thread), ToolJson.Lines.TraceEntry)
                : Describe(in call, thread));
        }
#pragma warning disable CA1031 // Whatever it is, who reads the trace must know that it is not complete.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failure = failure;
        }
    }

    private static string Describe(in TracedCall call, int thread)
    {
        string begin = string.Create(
            CultureInfo.InvariantCulture, $"{call.Number,5} {call.At.TotalMilliseconds,10:F3} ms [{thread}]");
        string took = call.Status is null
            ? " ... has not returned"
            : string.Create(CultureInfo.InvariantCulture, $" ({call.Elapsed.TotalMicroseconds:F1} µs)");
        string indent = new(' ', call.Depth * IndentBy);
        return $"{begin} {Describe(call.Direction)}  {indent}{call}{took}";
    }

    private static string Describe(CallDirection direction) => direction switch
    {
        CallDirection.KernelToManager => "kernel → manager",
        CallDirection.ManagerToKernel => "manager → kernel",
        _ => "caller → kernel ",
    };
}
