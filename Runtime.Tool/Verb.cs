using System.CommandLine;

namespace Runtime.Tool;

/// <summary>A command whose help has notes and examples besides the one sentence of its summary.</summary>
internal sealed class Verb(string name, string summary) : Command(name, summary)
{
    /// <summary>What the summary leaves out, a line each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Command lines without the leading <c>katydid</c>.</summary>
    public required IReadOnlyList<string> Examples { get; init; }
}
