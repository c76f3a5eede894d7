using System.CommandLine;
using System.CommandLine.Invocation;

namespace Runtime.Tool;

/// <summary>The usual help, followed by the verb's notes and examples.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb verb)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            WriteSection(output, "Notes:", verb.Notes);
            WriteSection(output, "Examples:", verb.Examples.Select(example => $"katydid {example}"));
        }

        return exitCode;
    }

    private static void WriteSection(TextWriter output, string title, IEnumerable<string> lines)
    {
        string[] section = [.. lines];
        if (section.Length == 0)
        {
            return;
        }

        output.WriteLine(title);
        foreach (string line in section)
        {
            output.WriteLine($"  {line}");
        }

        output.WriteLine();
    }
}
