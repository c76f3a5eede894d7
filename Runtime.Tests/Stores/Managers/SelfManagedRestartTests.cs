using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Tracing;
using Runtime.Stores;
using Runtime.Stores.Disks;
using Runtime.Stores.Managers;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// docs/writing-a-manager.md shows how a self-managing manager begins again, and that is how it does.
/// </summary>
public partial class SelfManagedRestartTests
{
    [Test]
    public void The_document_shows_the_calls_that_are_made()
    {
        using var directory = new TemporaryDirectory();
        using (FileDisk disk = FileDisk.Open(directory["disk"], create: true))
        using (Kernel kernel = Boot(directory["home"], disk, trace: null))
        {
            kernel.OpenContainer("notes", length: 1 << 20).View.Write(0x1000, 42L);
        }

        var trace = new Calls();
        using (FileDisk disk = FileDisk.Open(directory["disk"]))
        using (Kernel kernel = Boot(directory["home"], disk, trace))
        {
            Container notes = kernel.OpenContainer("notes");
            Assert.That(notes.View.Read<long>(0x1000), Is.EqualTo(42));
            notes.View.Write(0x1000, 43L);
            notes.TakeSnapshot().WaitForDurable();
        }

        string made = string.Join('\n', trace.Lines);
        TestContext.Out.WriteLine(made);
        string shown = CallsBlock().Match(File.ReadAllText(SourceTree.Combine("docs", "writing-a-manager.md")))
            .Groups["calls"].Value.TrimEnd();
        Assert.That(Machine().Replace(made, "(m"), Is.EqualTo(Machine().Replace(shown, "(m")));
    }

    private static Kernel Boot(string home, FileDisk disk, ManagerTrace? trace)
    {
        var options = new KernelOptions { Volume = home, DefaultManager = "self", Trace = trace };
        options.Managers.Add("self", () => new SelfManagingManager(disk));
        return Kernel.Boot(options);
    }

    [GeneratedRegex("```calls\n(?<calls>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CallsBlock();

    [GeneratedRegex(@"\(m\d+")]
    private static partial Regex Machine();

    /// <summary>Calls in the order in which they began, those made during others below them.</summary>
    private sealed class Calls : ManagerTrace
    {
        private readonly SortedDictionary<long, string> _lines = [];

        public IReadOnlyCollection<string> Lines => _lines.Values;

        protected override void Returned(in TracedCall call)
        {
            string who = call.Direction == CallDirection.KernelToManager ? "kernel → manager" : "manager → kernel";
            lock (_lines)
            {
                _lines.Add(call.Number, $"{who}  {new string(' ', 2 * call.Depth)}{call}");
            }
        }
    }
}
