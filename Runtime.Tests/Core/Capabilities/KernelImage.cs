using System.Globalization;
using System.Text;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>All that calls can change, as text: containers, loci, groups, tables, invocation points.</summary>
internal static class KernelImage
{
    internal static string Of(Kernel kernel)
    {
        var text = new StringBuilder();
        foreach (string name in kernel.Containers.Select(record => record.Name))
        {
            ContainerEntity container = kernel.EntityOf(name);
            Add(text, $"container {name}: '{container.EntryName}' {container.Entry?.Name}");
            Add(text, container);
            Add(text, container.Table);
        }

        foreach (LocusEntity locus in kernel.Loci.Select(locus => locus.Entity))
        {
            Add(text, $"locus {locus.Id}: {locus.Control.State} {locus.Host?.Record.Name} {locus.Depth} "
                + $"{locus.HasPending} {locus.Control.Requests} {locus.Out.Length} "
                + string.Join(',', locus.Registers));
            Add(text, locus);
            Add(text, locus.Table);
        }

        Add(text, "host");
        Add(text, kernel.Capabilities.HostTable);
        return text.ToString();
    }

    private static void Add(StringBuilder text, Entity entity)
    {
        foreach (PermissionGroup group in entity.GroupsUnsynchronized)
        {
            Add(text, $"  group {group.Number} below {group.Parent?.Number}: {group.Rights} {group.UserRights:x}");
        }
    }

    private static void Add(StringBuilder text, CapabilityTable table)
    {
        foreach ((uint index, PermissionGroup group) in table.All())
        {
            Add(text, $"  slot {index}: {group.Entity.Type} {group.Entity.Id} group {group.Number}");
        }
    }

    private static void Add(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static void Add(StringBuilder text, string line) => text.Append(line).Append('\n');
}
