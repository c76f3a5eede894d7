using System.Globalization;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary><c>capabilities</c>: who may do what, as the volume keeps it.</summary>
internal static class CapabilitiesVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var json = new JsonOption();
        var verb = new Verb("capabilities", "Show the permission groups and capability tables of containers.")
        {
            Notes =
            [
                "Each container is shown with the code at its invocation point, the tree of its permission groups with",
                "their rights, and the capabilities in its table, which every locus that executes in it may use. User",
                "rights are the 32 bits whose meaning is a matter of the invoked code.",
            ],
            Examples = ["capabilities", "capabilities --volume /data/store --json"],
        };
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            await using Kernel kernel =
                await VolumeSession.BootToReadAsync(volume.Resolve(command), cancellationToken);
            IReadOnlyList<CapabilityInfo> containers = kernel.DescribeCapabilities();
            if (json.Get(command))
            {
                console.WriteJson([.. containers], ToolJson.Printed.CapabilityInfoArray);
            }
            else
            {
                Draw(console, containers);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    private static void Draw(ToolConsole console, IReadOnlyList<CapabilityInfo> containers)
    {
        foreach (CapabilityInfo container in containers)
        {
            var tree = new Tree(Markup.Escape(
                $"{container.Container}: {container.InvocationPoint ?? "no invocation point"}"));
            TreeNode groups = tree.AddNode("groups");
            AddGroups(groups, container.Groups, parent: null);
            TreeNode table = tree.AddNode(container.Slots.Count == 0 ? "table: empty" : "table");
            table.AddNodes(container.Slots.Select(slot => Markup.Escape(Describe(slot))));
            console.Screen.Write(tree);
        }
    }

    /// <summary>A slot as <c>loci</c> shows it, too.</summary>
    internal static string Describe(SlotInfo slot) => string.Create(
        CultureInfo.InvariantCulture,
        $"{slot.Index}: {slot.Type} {slot.Entity}, group {slot.Group} ({Describe(slot.Rights, slot.UserRights)})");

    private static void AddGroups(TreeNode node, IReadOnlyList<GroupInfo> groups, ulong? parent)
    {
        foreach (GroupInfo group in groups.Where(group => group.Parent == parent))
        {
            TreeNode added = node.AddNode(Markup.Escape(string.Create(
                CultureInfo.InvariantCulture, $"{group.Number}: {Describe(group.Rights, group.UserRights)}")));
            AddGroups(added, groups, group.Number);
        }
    }

    private static string Describe(KernelRights rights, uint userRights) => string.Create(
        CultureInfo.InvariantCulture, $"{(rights == KernelRights.All ? "all rights" : rights)}, user {userRights:x8}");
}
