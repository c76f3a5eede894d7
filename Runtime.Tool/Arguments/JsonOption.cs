using System.CommandLine;

namespace Runtime.Tool.Arguments;

/// <summary><c>--json</c>.</summary>
internal sealed class JsonOption : Option<bool>
{
    internal JsonOption()
        : base("--json") => Description = "Print JSON: camelCase, arrays oldest first, times in ISO 8601.";

    internal bool Get(ParseResult command) => command.GetValue(this);
}
