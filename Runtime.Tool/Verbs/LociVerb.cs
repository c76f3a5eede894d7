using System.Globalization;
using Runtime.Core;
using Runtime.Core.Loci;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary><c>loci</c>: what executes, or waits to, as the volume keeps it.</summary>
internal static class LociVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var json = new JsonOption();
        var verb = new Verb("loci", "Show the loci that a volume's containers host, with their invocation stacks.")
        {
            Notes =
            [
                "A volume keeps loci in step style, each as it was when the container that hosts it was cut last. They",
                "go on when a program boots that has registered their code.",
            ],
            Examples = ["loci", "loci --volume /data/store --json"],
        };
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            await using Kernel kernel =
                await VolumeSession.BootToReadAsync(volume.Resolve(command), cancellationToken);
            IReadOnlyList<LocusInfo> loci = kernel.DescribeLoci();
            if (json.Get(command))
            {
                console.WriteJson([.. loci], ToolJson.Printed.LocusInfoArray);
            }
            else
            {
                Draw(console, loci);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    private static void Draw(ToolConsole console, IReadOnlyList<LocusInfo> loci)
    {
        if (loci.Count == 0)
        {
            console.Output.WriteLine("no loci");
        }

        foreach (LocusInfo locus in loci)
        {
            var tree = new Tree(string.Create(CultureInfo.InvariantCulture, $"locus {locus.Id}"));
            TreeNode stack = tree.AddNode("invocations, the outermost first");
            stack.AddNodes(locus.Stack.Select(each => Markup.Escape(Describe(each))));
            TreeNode table = tree.AddNode(locus.Slots.Count == 0 ? "table: empty" : "table");
            table.AddNodes(locus.Slots.Select(slot => Markup.Escape(CapabilitiesVerb.Describe(slot))));
            console.Screen.Write(tree);
        }
    }

    private static string Describe(InvocationInfo invocation) => string.Create(
        CultureInfo.InvariantCulture,
        $"{invocation.Container}: {invocation.Entry} at {invocation.ResumePoint}, ")
        + string.Create(CultureInfo.InvariantCulture, $"passed {invocation.ArgumentBytes} bytes");
}
