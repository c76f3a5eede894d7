using System.Xml.Linq;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>The arrows of the design: Native, then Core, then Stores, each knowing only what lies below.</summary>
public class LayeringTests
{
    private static readonly Dictionary<string, string[]> s_projectsBelow = new()
    {
        ["Runtime.Native"] = [],
        ["Runtime.Core"] = ["Runtime.Native"],
        ["Runtime.Stores"] = ["Runtime.Core"],
        ["Runtime.Tool"] = ["Runtime.Stores"],
        ["Runtime.Bench"] = ["Runtime.Stores"],
        ["Runtime.Tests"] = ["Runtime.Stores", "Runtime.Tool"],
    };

    [Test]
    public void A_project_refers_only_to_the_layer_below()
    {
        Assert.Multiple(() =>
        {
            foreach ((string project, string[] below) in s_projectsBelow)
            {
                XDocument file = XDocument.Load(SourceTree.Combine(project, project + ".csproj"));
                IEnumerable<string> references = file.Descendants("ProjectReference")
                    .Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'))
                    .Select(path => Path.GetFileNameWithoutExtension(path));
                Assert.That(references, Is.SubsetOf(below), project);
            }
        });
    }

    [Test]
    public void A_library_uses_only_libraries_below_it()
    {
        Assert.Multiple(() =>
        {
            for (int layer = 0; layer < Libraries.Names.Length; layer++)
            {
                IEnumerable<string> references = Libraries.Load(Libraries.Names[layer]).GetReferencedAssemblies()
                    .Select(reference => reference.Name!)
                    .Where(name => name.StartsWith("Katydid.", StringComparison.Ordinal));
                IEnumerable<string> below = Libraries.Names.Take(layer).Select(name => "Katydid." + name);
                Assert.That(references, Is.SubsetOf(below), Libraries.Names[layer]);
            }
        });
    }

    [Test]
    public void Only_Native_calls_the_trap_library()
    {
        IEnumerable<Import> others = Libraries.Names.Where(name => name != "Runtime.Native")
            .SelectMany(Libraries.ImportsOf)
            .Where(import => !Libraries.OfLinux.Contains(import.Library)
                && !Libraries.OfWindows.Contains(import.Library));
        Assert.That(others, Is.Empty);
    }

    [Test]
    public void Core_calls_no_native_function() => Assert.That(Libraries.ImportsOf("Runtime.Core"), Is.Empty);
}
