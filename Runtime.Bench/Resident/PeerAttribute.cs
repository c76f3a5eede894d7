using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace Runtime.Bench.Resident;

/// <summary>A benchmark that is one side of a comparison.</summary>
/// <param name="workload">What all sides do.</param>
/// <param name="side">Who does it here.</param>
/// <param name="count">Operations in one call.</param>
/// <param name="line">Keeps the order of the file.</param>
/// <param name="file">The same.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerAttribute(
    string workload, string side, int count, [CallerLineNumber] int line = 0, [CallerFilePath] string file = "")
    : BenchmarkAttribute(line, file)
{
    /// <summary>What all sides do.</summary>
    public string Workload { get; } = workload;

    /// <summary>Who does it here.</summary>
    public string Side { get; } = side;

    /// <summary>How Katydid's memory is touched.</summary>
    public string? Way { get; init; }

    /// <summary>Operations in one call.</summary>
    public int Count { get; } = count;
}
