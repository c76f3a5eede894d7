using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Stores;
using Runtime.Stores.Disks;
using Runtime.Stores.Managers;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>What docs/managers shows is compiled and does what it says.</summary>
public partial class ManagerExamplesTests
{
    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void Every_example_of_the_documents_is_code_that_runs_here()
    {
        string code = Flat(File.ReadAllText(
            SourceTree.Combine("Runtime.Tests", "Stores", "Managers", $"{nameof(ManagerExamples)}.cs")));
        foreach (string document in Directory.GetFiles(SourceTree.Combine("docs", "managers"), "*.md"))
        {
            MatchCollection blocks = CodeBlock().Matches(File.ReadAllText(document));
            Assert.That(blocks, Is.Not.Empty, document);
            foreach (Match block in blocks)
            {
                Assert.That(code, Does.Contain(Flat(block.Groups["code"].Value)), document);
            }
        }
    }

    [Test]
    public void Every_manager_has_a_page_that_the_README_leads_to()
    {
        string pages = string.Concat(
            Directory.GetFiles(SourceTree.Combine("docs", "managers"), "*.md").Select(File.ReadAllText));
        string readme = File.ReadAllText(SourceTree.Combine("README.md"));
        foreach (Type manager in typeof(LayerManager).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(Manager)) && !type.IsAbstract)
            .Where(type => type != typeof(SnapshottingManager)))
        {
            Assert.That(pages, Does.Contain($"new {manager.Name}("));
        }

        foreach (string document in Directory.GetFiles(SourceTree.Combine("docs", "managers"), "*.md"))
        {
            Assert.That(readme, Does.Contain($"(docs/managers/{Path.GetFileName(document)})"));
        }
    }

    [Test]
    public void The_examples_without_a_volume_do_what_they_say()
    {
        string root = _directory["maps"];
        Directory.CreateDirectory(Path.Combine(root, "europe"));
        File.WriteAllBytes(Path.Combine(root, "europe", "alps.bin"), BitConverter.GetBytes(77L));
        using var server = new RangeServer(BitConverter.GetBytes(78L));
        var options = new KernelOptions { OpenVolume = () => new MemoryVolume() };
        ManagerExamples.ZeroFill(options);
        ManagerExamples.Squares(options);
        ManagerExamples.Logs(options);
        ManagerExamples.Files(new KernelOptions());             // what is really there lies elsewhere
        ManagerExamples.Web(new KernelOptions());
        options.Managers.Add("file", () => new FileManager(root));
        options.Managers.Add("web", () => new HttpRangeManager(_ => new Uri(server.Root, "a")));
        using Kernel kernel = Kernel.Boot(options);

        ManagerExamples.Scratch(kernel);
        Assert.That(ManagerExamples.Square(kernel), Is.EqualTo(1_000_000_000_000));
        Assert.That(ManagerExamples.Map(kernel), Is.EqualTo(77));
        Assert.That(ManagerExamples.Remote(kernel), Is.EqualTo(78));
    }

    [Test]
    public void The_examples_of_layers_do_what_they_say()
    {
        byte[] key = new byte[EncryptingManager.KeySize];
        var compressing = new KernelOptions();
        ManagerExamples.Compressing(compressing, _directory["one"]);
        using (Kernel kernel = Kernel.Boot(compressing))
        {
            ManagerExamples.Log(kernel);
        }

        var encrypting = new KernelOptions();
        ManagerExamples.Encrypting(encrypting, _directory["two"], key);
        using (Kernel kernel = Kernel.Boot(encrypting))
        {
            ManagerExamples.Diary(kernel);
        }

        var both = new KernelOptions();
        ManagerExamples.Both(both, _directory["two"], key);
        using (Kernel kernel = Kernel.Boot(both))
        {
            ManagerExamples.Log(kernel);
            Assert.That(kernel.OpenContainer("log").View.Read<byte>(0), Is.EqualTo('m'));
            Assert.That(kernel.OpenContainer("diary").View.Read<byte>(0), Is.EqualTo('n'));
        }
    }

    [Test]
    public void The_example_of_the_manager_of_itself_does_what_it_says()
    {
        for (int boot = 0; boot < 2; boot++)
        {
            using FileDisk disk = FileDisk.Open(_directory["disk"], create: true);
            var options = new KernelOptions { Volume = _directory["home"] };
            ManagerExamples.SelfManaging(options, disk);
            using Kernel kernel = Kernel.Boot(options);
            if (boot == 0)
            {
                ManagerExamples.Notes(kernel);
            }

            Assert.That(kernel.OpenContainer("notes").View.Read<long>(0), Is.EqualTo(42));
        }
    }

    /// <summary>Without indentation, which differs between the document and the code.</summary>
    private static string Flat(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
