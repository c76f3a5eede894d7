using System.Diagnostics;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>The documents say what is there.</summary>
public partial class ReadmeTests
{
    private static readonly string[] s_assemblies =
        ["Katydid.Runtime.*.dll", "Microsoft.Extensions.*.dll", "runtimes/linux-x64/lib/*/*.dll"];

    [Test]
    public void The_sample_in_the_README_is_the_program_that_is_built_and_run()
    {
        string sample = CodeBlock().Match(File.ReadAllText(SourceTree.Combine("README.md"))).Groups["code"].Value;
        Assert.That(sample, Is.EqualTo(File.ReadAllText(SourceTree.Combine("samples", "Hello", "Program.cs"))));
    }

    /// <summary>Against the assemblies under test; .ci/run does the same with the packages.</summary>
    [Test, LinuxOnly, Deadline(180)]
    public void The_sample_in_the_README_compiles_and_reads_back_what_it_wrote()
    {
        using var directory = new TemporaryDirectory();
        string sample = CodeBlock().Match(File.ReadAllText(SourceTree.Combine("README.md"))).Groups["code"].Value;
        File.WriteAllText(directory["Program.cs"], sample);
        XDocument project = XDocument.Load(SourceTree.Combine("samples", "Hello", "Hello.csproj"));
        string here = AppContext.BaseDirectory;
        project.Descendants("PackageReference").Single().Parent!.ReplaceAll(
            from name in s_assemblies
            from file in Directory.EnumerateFiles(here, Path.GetFileName(name), SearchOption.AllDirectories)
            where FileSystemName.MatchesSimpleExpression(name, Path.GetRelativePath(here, file))
            select new XElement("Reference", new XAttribute("Include", file)));
        project.Save(directory["Hello.csproj"]);
        string output = directory["output"];
        Run("build", directory["Hello.csproj"], "-o", output, "-p:UseSharedCompilation=false", "-nr:false");
        foreach (string library in (string[])["libkatydid_trap.so", "runtimes/linux-x64/native/libMonoPosixHelper.so"])
        {
            File.Copy(Path.Combine(here, library), Path.Combine(output, Path.GetFileName(library)), overwrite: true);
        }

        Assert.That(Run(Path.Combine(output, "Hello.dll"), directory["volume"]), Is.EqualTo("42 7, 1 version\n"));
    }

    private static string Run(params string[] arguments)
    {
        var start = new ProcessStartInfo(Requires.Command("dotnet", "dotnet-sdk-10.0"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{output}\n{errors.Result}");
        return output;
    }

    [Test]
    public void Every_file_that_a_document_names_exists()
    {
        // Named as one says it: by its end, and without "Runtime." before a project's name.
        string[] files =
            [.. SourceTree.Files().Select(file => "/" + file.Replace("Runtime.", "", StringComparison.Ordinal))];
        foreach (string document in SourceTree.Files().Where(IsDocumentOfTheProject))
        {
            IEnumerable<string> missing = FileName().Matches(File.ReadAllText(SourceTree.Combine(document)))
                .Select(name => "/" + name.Groups["file"].Value)
                .Where(name => !files.Any(file =>
                    file.EndsWith(name.Replace("Runtime.", "", StringComparison.Ordinal), StringComparison.Ordinal)));
            Assert.That(missing, Is.Empty, document);
        }
    }

    [Test]
    public void Every_section_of_the_semantics_that_code_cites_exists()
    {
        HashSet<string> sections =
        [
            .. Section().Matches(File.ReadAllText(SourceTree.Combine("docs", "semantics.md")))
                .Select(match => match.Groups["title"].Value),
        ];
        var cited = new List<string>();
        foreach (string file in SourceTree.Files().Where(file => file.EndsWith(".cs", StringComparison.Ordinal)))
        {
            string text = CommentBreak().Replace(File.ReadAllText(SourceTree.Combine(file)), " ");
            cited.AddRange(Citation().Matches(text).Select(match => match.Groups["section"].Value));
        }

        Assert.That(cited, Has.Count.GreaterThan(20));
        Assert.That(cited.Where(section => !sections.Contains(section)), Is.Empty);
    }

    private static bool IsDocumentOfTheProject(string file) =>
        file.EndsWith(".md", StringComparison.Ordinal) && file != "CHANGELOG.md";

    [Test]
    public void Every_link_between_documents_leads_somewhere()
    {
        foreach (string document in SourceTree.Files().Where(file => file.EndsWith(".md", StringComparison.Ordinal)))
        {
            string folder = Path.GetDirectoryName(SourceTree.Combine(document))!;
            IEnumerable<string> missing = Link().Matches(File.ReadAllText(SourceTree.Combine(document)))
                .Select(link => link.Groups["target"].Value)
                .Where(target => !target.Contains("://", StringComparison.Ordinal))
                .Where(target => !Path.Exists(Path.Combine(folder, target)));
            Assert.That(missing, Is.Empty, document);
        }
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"`(\./)?(?<file>[A-Za-z0-9_./]+\.(cs|c|S|h|sh|md))`")]
    private static partial Regex FileName();

    /// <summary>A headline, or a paragraph that begins with one.</summary>
    [GeneratedRegex(@"^(## (?<title>[^\n]+)|\*\*(?<title>[^*\n]+)\.\*\*)", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"\s*\n\s*///\s*")]
    private static partial Regex CommentBreak();

    [GeneratedRegex(@"docs/semantics\.md, ""(?<section>[^""]+)""")]
    private static partial Regex Citation();

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
