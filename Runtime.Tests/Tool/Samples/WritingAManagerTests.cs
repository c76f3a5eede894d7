using System.Text.RegularExpressions;
using NUnit.Framework;
using OwnManager;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Stores;
using Runtime.Tests.Support;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Samples;

/// <summary>What docs/writing-a-manager.md shows is compiled, and its traces are what is printed.</summary>
public partial class WritingAManagerTests : VolumeTests
{
    private const string Gap = "…";

    private static readonly string s_document = File.ReadAllText(SourceTree.Combine("docs", "writing-a-manager.md"));

    [Test]
    public void Every_example_is_code_that_runs()
    {
        // The library's protected internal methods are protected to everybody but these tests.
        string[] code =
        [
            .. Directory.GetFiles(SourceTree.Combine("samples", "OwnManager"), "*.cs")
                .Append(SourceTree.Combine("Runtime.Tests", "Tool", "Samples", $"{nameof(WritingAManager)}.cs"))
                .Select(file => Flat(File.ReadAllText(file))
                    .Replace("protected internal", "protected", StringComparison.Ordinal)),
        ];
        MatchCollection blocks = CodeBlock().Matches(s_document);
        Assert.That(blocks, Has.Count.GreaterThanOrEqualTo(6));
        foreach (Match block in blocks)
        {
            string shown = Flat(block.Groups["code"].Value);
            Assert.That(code.Any(file => file.Contains(shown, StringComparison.Ordinal)), shown);
        }
    }

    [Test]
    public void The_manager_that_is_built_has_about_40_lines()
    {
        string[] lines = File.ReadAllLines(SourceTree.Combine("samples", "OwnManager", "LogManager.cs"));
        int count = lines.SkipWhile(line => !line.Contains("class LogManager", StringComparison.Ordinal))
            .Count(line => line.Trim().Length > 1);
        Assert.That(count, Is.InRange(25, 45));
    }

    [Test]
    public async Task Its_traces_are_what_is_printed()
    {
        KatydidRun run = await RunAsync("trace", "--", "sample", "manager");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.ToString());
        string[] printed = [.. Normal(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        string[] shown =
            [.. TraceBlock().Matches(s_document).SelectMany(block => Normal(block.Groups["lines"].Value.Split('\n')))];
        Assert.That(shown.Where(line => line != Gap), Has.Exactly(1).Contains("page_discard"));

        // How many pages leave, and when, depends on how the system takes memory: on Windows by the mebibyte.
        int compared = OperatingSystem.IsWindows() ? Array.IndexOf(shown, Gap) : shown.Length;
        int next = 0;
        foreach ((string line, bool isAfterGap) in shown.Take(compared)
            .Select((line, index) => (line, index > 0 && shown[index - 1] == Gap))
            .Where(each => each.line != Gap))
        {
            int found = Array.IndexOf(printed, line, next);
            Assert.That(found, isAfterGap ? Is.GreaterThanOrEqualTo(next) : Is.EqualTo(next), $"{line}\n{run.Error}");
            next = found + 1;
        }

        Assert.That(next, OperatingSystem.IsWindows() ? Is.Positive : Is.EqualTo(printed.Length), run.Error);
    }

    [Test]
    public void The_first_step_supplies_numbered_pages()
    {
        using Kernel kernel = Boot(() => new WritingAManager.FirstStep.LogManager());
        Container container = kernel.OpenContainer("a", length: 1 << 20, manager: "log");
        Assert.That(container.View.Read<long>(7 * PageNumber.Size), Is.EqualTo(7));
        Assert.That(container.IsReadOnly);
    }

    [Test]
    public void The_second_step_supplies_what_was_saved()
    {
        using (Kernel kernel = Boot(() => new LogManager(PathOf("pages"))))
        {
            kernel.OpenContainer("a", length: 1 << 20, manager: "log").View.Write(8192, 42L);
        }

        using Kernel again = Boot(() => new WritingAManager.SecondStep.LogManager(PathOf("pages")));
        Container container = again.OpenContainer("a");
        Assert.That(container.View.Read<long>(8192), Is.EqualTo(42));
        Assert.That(container.IsReadOnly);
    }

    [Test]
    public void A_trace_of_one_s_own_sees_the_faults()
    {
        using var output = new StringWriter();
        using (Kernel kernel = Boot(
            () => new WritingAManager.FirstStep.LogManager(),
            options => options.Trace = new WritingAManager.FaultLog(output)))
        {
            kernel.OpenContainer("a", length: 1 << 20, manager: "log").View.Read<long>(7 * PageNumber.Size);
        }

        Assert.That(
            output.ToString(),
            Does.Match(@"^container_fault\(m\d+, t1 ""a"", 0x7000, Read\) → Success \(.* µs\)\r?\n$"));
    }

    private Kernel Boot(Func<Manager> create, Action<KernelOptions>? change = null)
    {
        var options = new KernelOptions { Volume = Volume };
        options.Managers.Add("log", create);
        change?.Invoke(options);
        return Kernel.Boot(options);
    }

    /// <summary>
    /// Without numbers, times and threads, and the process's number; what is left out stays a gap, and of a call that a
    /// slow disk made stand there twice the line with the outcome.
    /// </summary>
    private static IEnumerable<string> Normal(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (line.Trim() == Gap)
            {
                yield return Gap;
            }
            else if (TraceLine().Match(line) is { Success: true } match)
            {
                yield return Machine().Replace($"{match.Groups["who"]} {match.Groups["call"]}", "(m");
            }
        }
    }

    private static string Flat(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("```text\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex TraceBlock();

    [GeneratedRegex(@"^ *\d+ +[\d.]+ ms \[\d+\] (?<who>\w+ → \w+ ?)  (?<call>.*) \([\d.]+ µs\)$")]
    private static partial Regex TraceLine();

    [GeneratedRegex(@"\(m\d+")]
    private static partial Regex Machine();
}
