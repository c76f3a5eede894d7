using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>What the formatter does not look at.</summary>
public partial class TidyTests
{
    private const int MaxLinesOfLibraryFile = 400;
    private const int MaxColumns = 120;

    private static readonly string[] s_textExtensions =
    [
        ".cs", ".csproj", ".props", ".targets", ".md", ".sh", ".c", ".h", ".S", ".txt", ".json", ".awk", ".config",
        ".editorconfig",
    ];

    private static readonly string[] s_foldersOfC =
        ["Runtime.Native/trap/", "Runtime.Tests/Native/", "Runtime.Bench/Peers/"];

    [Test]
    public void Text_has_no_tabs_and_no_trailing_blanks() => Expect(
        SourceTree.Files().Where(IsText).SelectMany(Lines),
        line => line.Text.Contains('\t', StringComparison.Ordinal) || line.Text.TrimEnd() != line.Text);

    [Test]
    public void Text_ends_with_one_line_feed()
    {
        IEnumerable<string> wrong = SourceTree.Files().Where(IsText)
            .Where(file => !file.EndsWith("packages.lock.json", StringComparison.Ordinal)) // NuGet writes it
            .Where(file => File.ReadAllText(SourceTree.Combine(file)) is { Length: > 0 } text &&
                (!text.EndsWith('\n') || text.EndsWith("\n\n", StringComparison.Ordinal)));
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Code_keeps_to_120_columns() =>
        Expect(Code().SelectMany(Lines), line => line.Text.Length > MaxColumns);

    [Test]
    public void Code_has_no_regions_and_no_notes_to_self() => Expect(
        SourceTree.Files().Where(file => IsCode(file) || IsC(file)).SelectMany(Lines),
        line => NoteToSelf().IsMatch(line.Text));

    [Test]
    public void No_file_of_the_libraries_is_longer_than_400_lines()
    {
        IEnumerable<string> tooLong = Code()
            .Where(file => Libraries.Names.Any(name => file.StartsWith(name + "/", StringComparison.Ordinal)))
            .Where(file => File.ReadLines(SourceTree.Combine(file)).Count() > MaxLinesOfLibraryFile);
        Assert.That(tooLong, Is.Empty);
    }

    [Test]
    public void C_and_assembly_stand_only_in_their_three_folders()
    {
        IEnumerable<string> elsewhere = SourceTree.Files().Where(IsC)
            .Where(file => !s_foldersOfC.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)));
        Assert.That(elsewhere, Is.Empty);
    }

    [Test]
    public void Scripts_say_what_runs_them()
    {
        IEnumerable<string> wrong = Scripts()
            .Where(file => File.ReadLines(SourceTree.Combine(file)).FirstOrDefault() != "#!/usr/bin/env bash");
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Scripts_stop_at_the_first_error()
    {
        IEnumerable<string> wrong = Scripts()
            .Where(file => !File.ReadLines(SourceTree.Combine(file)).Contains("set -euo pipefail"));
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    [LinuxOnly]
    [SupportedOSPlatform("linux")]
    public void Scripts_may_be_executed()
    {
        IEnumerable<string> wrong = Scripts()
            .Where(file => !File.GetUnixFileMode(SourceTree.Combine(file)).HasFlag(UnixFileMode.UserExecute));
        Assert.That(wrong, Is.Empty);
    }

    [TestCase("README.md", "# Katydid")]
    [TestCase("CHANGELOG.md", "# Changelog")]
    [TestCase("LICENSE", "MIT License")]
    public void The_documents_every_visitor_looks_for_exist(string file, string firstLine) =>
        Assert.That(File.ReadLines(SourceTree.Combine(file)).First(), Is.EqualTo(firstLine));

    private static IEnumerable<string> Code() => SourceTree.Files().Where(IsCode);

    /// <summary>What scripts/lib holds is sourced, not run.</summary>
    private static IEnumerable<string> Scripts() => SourceTree.Files()
        .Where(file => file == ".ci/run" || (Path.GetDirectoryName(file) == "scripts" && file.EndsWith(".sh")));

    private static bool IsText(string file) => s_textExtensions.Contains(Path.GetExtension(file)) || file == ".ci/run";

    private static bool IsCode(string file) => Path.GetExtension(file) == ".cs";

    private static bool IsC(string file) => Path.GetExtension(file) is ".c" or ".h" or ".S";

    private static IEnumerable<Line> Lines(string file) =>
        File.ReadLines(SourceTree.Combine(file)).Select((text, index) => new Line($"{file}:{index + 1}", text));

    private static void Expect(IEnumerable<Line> lines, Func<Line, bool> isWrong) =>
        Assert.That(lines.Where(isWrong).Select(line => $"{line.Place}: {line.Text.Trim()}"), Is.Empty);

    [GeneratedRegex(@"^\s*#region\b|\b(T[O]DO|F[I]XME|X[X]X)\b")]
    private static partial Regex NoteToSelf();

    private sealed record Line(string Place, string Text);
}
