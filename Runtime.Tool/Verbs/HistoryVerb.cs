using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary>One kept version of a container; the current one is what the container now begins with.</summary>
internal sealed record VersionEntry(
    ulong Interval, DateTimeOffset Time, long Bytes, long PagesChanged, bool IsCurrent)
{
    internal static VersionEntry Of(SnapshotInfo version, bool isCurrent) =>
        new(version.Interval.Value, version.Time, version.Length, version.PagesChanged, isCurrent);
}

/// <summary><c>history --container NAME</c>: the kept versions.</summary>
internal static class HistoryVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container.");
        var json = new JsonOption();
        var verb = new Verb("history", "Show the kept versions of a container, oldest first.")
        {
            Notes =
            [
                "'export --at' and 'search --at' read any of them. The one marked with * is what the container now",
                "begins with: the newest, or the one that it was restored to last.",
            ],
            Examples = ["history --container notes", "history --container notes --json"],
        };
        verb.Options.Add(container);
        verb.Options.Add(json);
        verb.SetAction(command =>
        {
            VersionEntry[] entries = Read(volume.Resolve(command), container.Get(command));
            if (json.Get(command))
            {
                console.WriteJson(entries, ToolJson.Printed.VersionEntryArray);
            }
            else
            {
                Draw(console, entries);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    private static VersionEntry[] Read(string directory, string name)
    {
        using Volume volume = VolumeSession.OpenToRead(directory);
        ContainerRecord container = volume.Find(name) ?? throw VolumeSession.NoContainer(name);
        using VersionMap current = volume.OpenMap(container);
        return
        [
            .. volume.History(container).Select(version =>
                VersionEntry.Of(version, version.Interval == current.Interval)),
        ];
    }

    /// <summary>As <c>retain --dry-run</c> also shows them.</summary>
    internal static void Draw(ToolConsole console, VersionEntry[] entries)
    {
        Table table = Tables.Create("interval", "time", "bytes", "pages changed");
        foreach (VersionEntry entry in entries)
        {
            table.AddRow(
                $"{new StateInterval(entry.Interval)}{(entry.IsCurrent ? " *" : "")}",
                Format.Time(entry.Time),
                Format.Count(entry.Bytes),
                Format.Count(entry.PagesChanged));
        }

        console.Screen.Write(table);
    }
}
