using System.Text.Json;
using System.Text.Json.Serialization;

namespace Runtime.Bench;

/// <summary>One line of a run: what one side took for one operation. The peers in C print the same lines.</summary>
internal sealed record Sample
{
    /// <summary>One of <see cref="Topics"/>; null for faults on resident pages and for accesses to them.</summary>
    public string? Topic { get; init; }

    /// <summary>Katydid, or a peer's name.</summary>
    public required string Side { get; init; }

    /// <summary>How Katydid's memory was touched (accessor, lease, …); null for a peer.</summary>
    public string? Way { get; init; }

    /// <summary>The trap engine; null for a peer.</summary>
    public string? Engine { get; init; }

    /// <summary>What was done.</summary>
    public required string Workload { get; init; }

    /// <summary>"shared" or "private", for faults.</summary>
    public string? Memory { get; init; }

    /// <summary>Areas or windows faulted in; 0 where nothing faults.</summary>
    public int Areas { get; init; }

    /// <summary>Threads that did it at once.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Cores the process might run on.</summary>
    public required int Cores { get; init; }

    /// <summary>How many operations were timed.</summary>
    public required long Count { get; init; }

    /// <summary>Nanoseconds per operation as one thread sees it: the median over short slices.</summary>
    public required double Ns { get; init; }

    /// <summary>Nanoseconds of the whole run, all threads together, per operation.</summary>
    public required double MeanNs { get; init; }

    /// <summary>Bytes that the touching threads allocated while it was timed; null for a peer.</summary>
    public long? AllocatedBytes { get; init; }

    /// <summary>Bytes that went to the disk, or were resident at most; null where nobody counted.</summary>
    public long? Bytes { get; init; }

    /// <summary>Bytes that would have been enough: those that were dirty, or the memory budget.</summary>
    public long? EnoughBytes { get; init; }

    /// <summary>How many operations found in memory what they wanted; null where nobody counted.</summary>
    public long? Hits { get; init; }

    /// <summary>How many operations were asked for, where fewer are a failure.</summary>
    public long? Asked { get; init; }

    internal static Sample Parse(string line) =>
        JsonSerializer.Deserialize(line, SampleJson.Default.Sample) ?? throw new JsonException("a sample was null");

    internal string ToJson() => JsonSerializer.Serialize(this, SampleJson.Default.Sample);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
