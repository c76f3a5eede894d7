using System.Xml.Linq;

namespace Runtime.Bench.Reports;

/// <summary>What the tests of durability said when they ran last: how many states, kills, calls and bytes.</summary>
/// <remarks>Read from NUnit's result file, which <c>scripts/test.sh</c> leaves behind.</remarks>
internal sealed class TestOutputs
{
    private static readonly string[] s_fixtures = [".Durability.", "KillTests", "ReaderProcessTests"];

    private TestOutputs(string when, IReadOnlyList<TestOutput> all)
    {
        When = when;
        All = all;
    }

    /// <summary>When the run began, as the file has it.</summary>
    internal string When { get; }

    /// <summary>In the order of the fixtures.</summary>
    internal IReadOnlyList<TestOutput> All { get; }

    internal static TestOutputs? Read(FileInfo? file)
    {
        if (file is not { Exists: true })
        {
            return null;
        }

        XElement run = XDocument.Load(file.FullName).Root!;
        TestOutput[] outputs =
        [
            .. from test in run.Descendants("test-case")
               let fixture = (string?)test.Attribute("classname") ?? string.Empty
               where s_fixtures.Any(part => fixture.Contains(part, StringComparison.Ordinal))
               from line in ((string?)test.Element("output") ?? string.Empty).Split('\n')
               where line.Trim().Length > 0
               orderby fixture
               select new TestOutput(
                   fixture.Split('.')[^1], line.Trim(), (string?)test.Attribute("result") ?? "unknown"),
        ];
        return new TestOutputs((string?)run.Attribute("start-time") ?? "unknown", outputs);
    }
}

/// <summary>A line that a test printed.</summary>
/// <param name="Fixture">The test's class.</param>
/// <param name="Text">The line.</param>
/// <param name="Result">How the test ended, as NUnit says it.</param>
internal sealed record TestOutput(string Fixture, string Text, string Result);
