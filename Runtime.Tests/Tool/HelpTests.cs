using System.CommandLine;
using NUnit.Framework;
using Runtime.Tool;
using Runtime.Tool.Output;

namespace Runtime.Tests.Tool;

public class HelpTests
{
    private static IEnumerable<string> VisibleVerbs()
    {
        using ToolConsole console = ToolConsole.ForStreams(Stream.Null, TextWriter.Null);
        return [.. KatydidCommand.Build(console).Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name)];
    }

    [Test]
    public void The_verbs_are_those_of_the_manual() => Assert.That(
        VisibleVerbs(),
        Is.EqualTo(
        [
            "import", "export", "list", "history", "map", "patch", "search", "restore", "clone", "discard", "retain",
            "delete", "backup", "restore-backup", "verify", "dump", "capabilities", "loci", "sample", "doctor",
            "faults", "stats", "trace", "demo",
        ]));

    [TestCaseSource(nameof(VisibleVerbs))]
    public async Task Every_verb_explains_itself_with_an_example(string verb)
    {
        KatydidRun run = await KatydidRun.RunAsync(verb, "--help");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success));
        Assert.That(run.Error, Is.Empty);
        Assert.That(run.Output, Does.Contain($"\nExamples:\n  katydid {verb}"));
        Assert.That(run.Output, Does.Contain("--volume <DIR>"));
    }

    [TestCaseSource(nameof(VisibleVerbs))]
    public void Every_example_can_be_parsed(string name)
    {
        using ToolConsole console = ToolConsole.ForStreams(Stream.Null, TextWriter.Null);
        RootCommand root = KatydidCommand.Build(console);
        var verb = (Verb)root.Subcommands.Single(verb => verb.Name == name);
        foreach (string example in verb.Examples)
        {
            // A pipeline's first command is ours, and quotes are the shell's.
            string ours = example.Split(" | ")[0].Replace('\'', '"');
            Assert.That(root.Parse(ours).Errors.Select(error => error.Message), Is.Empty, example);
        }
    }

    [Test]
    public async Task The_help_of_all_lists_the_verbs_but_not_the_hidden_one()
    {
        KatydidRun run = await KatydidRun.RunAsync("--help");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success));
        Assert.That(VisibleVerbs(), Has.All.Matches<string>(
            verb => run.Output.Contains($"\n  {verb} ", StringComparison.Ordinal)));
        Assert.That(run.Output, Does.Not.Contain("demo-writer"));
    }

    [Test]
    public async Task Help_is_given_even_where_the_rest_makes_no_sense()
    {
        KatydidRun run = await KatydidRun.RunAsync("patch", "--offset", "zz", "--help");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success));
        Assert.That(run.Output, Does.Contain("Usage:"));
    }
}
