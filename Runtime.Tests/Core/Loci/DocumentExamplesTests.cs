using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Loci;

/// <summary>What docs/loci-and-capabilities.md shows is compiled and does what it says.</summary>
public partial class DocumentExamplesTests : LocusFixture
{
    [Test]
    public void Every_example_of_the_document_is_code_that_runs_here()
    {
        string code = Flat(File.ReadAllText(
            SourceTree.Combine("Runtime.Tests", "Core", "Loci", $"{nameof(DocumentExamples)}.cs")));
        string document = File.ReadAllText(SourceTree.Combine("docs", "loci-and-capabilities.md"));

        foreach (Match block in CodeBlock().Matches(document))
        {
            Assert.That(code, Does.Contain(Flat(block.Groups["code"].Value)));
        }
    }

    [Test]
    public void Every_call_stands_in_the_document_with_an_example()
    {
        string document = File.ReadAllText(SourceTree.Combine("docs", "loci-and-capabilities.md"));
        string code = string.Concat(CodeBlock().Matches(document).Select(block => block.Groups["code"].Value));
        foreach (System.Reflection.MethodInfo call in typeof(SystemCalls).GetMethods()
            .Where(method => method.DeclaringType == typeof(SystemCalls)))
        {
            Assert.That(code, Does.Contain($"calls.{call.Name}("), call.Name);
        }
    }

    [Test]
    public void The_examples_of_the_object_surface_do_what_they_say()
    {
        DocumentExamples.Register(Kernel.Options);
        Assert.That(DocumentExamples.FromOutside(Kernel), Is.EqualTo("hello world"));

        using Capability greeter = Kernel.GetCapability("greeter");
        Assert.That(Encoding.UTF8.GetString(DocumentExamples.Hosted(Kernel, greeter)), Is.EqualTo("hello you"));

        Locus locus = Kernel.CreateLocus("home", "counter/1");
        Assert.That(Encoding.UTF8.GetString(locus.Completion.Result), Is.EqualTo("hello you"));

        DocumentExamples.Attenuate(greeter);
        Assert.That(greeter.IsValid);
    }

    [Test]
    public void The_examples_of_the_system_calls_succeed_in_a_locus()
    {
        DocumentExamples.Register(Kernel.Options);
        Container home = Create("home");
        using Capability all = home.GetCapability();
        using Capability revocable = all.Derive(KernelRights.All);
        home.Grant(3, revocable);
        using Container other = Create("other");
        using Capability toOther = other.GetCapability();
        home.Grant(5, toOther);
        Func<SystemCalls, Status>[] examples =
        [
            DocumentExamples.Copy, DocumentExamples.Derive, DocumentExamples.Create, DocumentExamples.SetInvoke,
            DocumentExamples.GetInvoke, DocumentExamples.RemoveInvoke, DocumentExamples.Cut, DocumentExamples.Map,
            DocumentExamples.Unmap, DocumentExamples.MapPrivately, DocumentExamples.UnmapPrivately,
            DocumentExamples.Destroy,
            DocumentExamples.Revoke, DocumentExamples.Start, DocumentExamples.Suspend, DocumentExamples.Resume,
            DocumentExamples.Start, DocumentExamples.End,
        ];
        Status[] statuses = [];

        Run(home, locus => statuses = [.. examples.Select(example => example(locus.Calls))]);

        Assert.That(statuses, Has.All.EqualTo(Status.Success));
    }

    [Test]
    public void The_examples_of_invocation_pass_blocks_there_and_back()
    {
        Container callee = Create("callee", DocumentExamples.Callee);
        using Capability capability = callee.GetCapability();
        Container home = Create("home");
        home.Grant(0, capability);

        Run(home, DocumentExamples.Caller);

        Assert.That(home.View.Read<long>(8), Is.EqualTo(43));
    }

    /// <summary>Without indentation, which differs between the document and the code.</summary>
    private static string Flat(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
