using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>The documents say what is there.</summary>
public partial class ReadmeTests
{
    [Test]
    public void The_sample_in_the_README_is_the_program_that_is_built_and_run()
    {
        string sample = CodeBlock().Match(File.ReadAllText(SourceTree.Combine("README.md"))).Groups["code"].Value;
        Assert.That(sample, Is.EqualTo(File.ReadAllText(SourceTree.Combine("samples", "Hello", "Program.cs"))));
    }

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

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
