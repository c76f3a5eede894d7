using System.CommandLine;
using System.CommandLine.Parsing;
using Runtime.Core.Tracing;

namespace Runtime.Tool.Arguments;

/// <summary><c>--calls NAME,NAME</c>: some of the calls between kernel and manager.</summary>
internal sealed class CallsOption : Option<string[]>
{
    internal CallsOption()
        : base("--calls")
    {
        HelpName = "NAME,…";
        Description = "Print these calls only, by their names, with commas between them.";
        CustomParser = Parse;
    }

    /// <summary>The names; null for all.</summary>
    internal string[]? Get(ParseResult command) => command.GetValue(this) is { Length: > 0 } names ? names : null;

    private static string[] Parse(ArgumentResult result)
    {
        string[] names = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
        foreach (string name in names.Where(name => !ManagerTrace.CallNames.Contains(name)))
        {
            result.AddError($"there is no call '{name}' between kernel and manager");
        }

        return names;
    }
}
