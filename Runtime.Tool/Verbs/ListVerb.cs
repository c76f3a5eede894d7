using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary>One container of a volume; the newest version's interval and time are null while there is none.</summary>
internal sealed record ContainerEntry(
    string Name, long Bytes, string Manager, int Versions, ulong? Interval, DateTimeOffset? Time);

/// <summary><c>list</c>: what the volume holds.</summary>
internal static class ListVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var json = new JsonOption();
        var verb = new Verb("list", "Show the containers of a volume, oldest first, each with its newest version.")
        {
            Examples = ["list", "list --volume /data/store --json"],
        };
        verb.Options.Add(json);
        verb.SetAction(command =>
        {
            ContainerEntry[] entries = Read(volume.Resolve(command));
            if (json.Get(command))
            {
                console.WriteJson(entries, ToolJson.Printed.ContainerEntryArray);
            }
            else
            {
                Draw(console, entries);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    private static ContainerEntry[] Read(string directory)
    {
        using Volume volume = VolumeSession.OpenToRead(directory);
        return [.. volume.Containers.OrderBy(found => found.Id).Select(found => Describe(volume, found))];
    }

    private static ContainerEntry Describe(Volume volume, ContainerRecord container)
    {
        IReadOnlyList<SnapshotInfo> history = volume.History(container);
        SnapshotInfo? newest = history.Count > 0 ? history[^1] : null;
        return new ContainerEntry(
            container.Name, container.Length, container.Manager, history.Count, newest?.Interval.Value, newest?.Time);
    }

    private static void Draw(ToolConsole console, ContainerEntry[] entries)
    {
        Table table = Tables.Create("container", "bytes", "versions", "newest", "time", "manager");
        foreach (ContainerEntry entry in entries)
        {
            table.AddRow(
                Markup.Escape(entry.Name),
                Format.Count(entry.Bytes),
                Format.Count(entry.Versions),
                entry.Interval is { } interval ? new StateInterval(interval).ToString() : "-",
                entry.Time is { } time ? Format.Time(time) : "-",
                Markup.Escape(entry.Manager));
        }

        console.Screen.Write(table);
    }
}
