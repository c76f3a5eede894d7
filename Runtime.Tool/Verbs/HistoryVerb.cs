using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary>One kept version of a container.</summary>
internal sealed record VersionEntry(ulong Interval, DateTimeOffset Time, long Bytes, long PagesChanged);

/// <summary><c>history --container NAME</c>: the kept versions.</summary>
internal static class HistoryVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container.");
        var json = new JsonOption();
        var verb = new Verb("history", "Show the kept versions of a container, oldest first.")
        {
            Notes = ["'export --at' and 'search --at' read any of them."],
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
        return
        [
            .. volume.History(container).Select(version => new VersionEntry(
                version.Interval.Value, version.Time, version.Length, version.PagesChanged)),
        ];
    }

    private static void Draw(ToolConsole console, VersionEntry[] entries)
    {
        Table table = Tables.Create("interval", "time", "bytes", "pages changed");
        foreach (VersionEntry entry in entries)
        {
            table.AddRow(
                new StateInterval(entry.Interval).ToString(),
                Format.Time(entry.Time),
                Format.Count(entry.Bytes),
                Format.Count(entry.PagesChanged));
        }

        console.Screen.Write(table);
    }
}
