using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary><c>verify</c>: whether everything that the volume holds can be read as it was written.</summary>
internal static class VerifyVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var json = new JsonOption();
        var verb = new Verb(
            "verify",
            "Read everything that the volume holds, check every checksum, and list what is damaged.")
        {
            Notes = ["Reads every version of every container and changes nothing. Fails if anything is damaged."],
            Examples = ["verify", "verify --volume /data/store --json"],
        };
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            VolumeReport report = await VolumeCheck.RunAsync(console, volume.Resolve(command), cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.VolumeReport);
            }
            else
            {
                Draw(console, report);
            }

            return report.Damaged.Count == 0
                ? ExitCode.Success
                : throw new RefusedException($"the volume is damaged in {Format.Count(report.Damaged.Count, "place")}");
        });
        return verb;
    }

    private static void Draw(ToolConsole console, VolumeReport report)
    {
        if (report.Damaged.Count > 0)
        {
            Table table = Tables.Create("container", "interval", "offset", "problem");
            foreach (DamagedPlace place in report.Damaged)
            {
                table.AddRow(
                    Markup.Escape(place.Container),
                    new Core.StateInterval(place.Interval).ToString(),
                    place.Offset is { } offset ? Format.Count(offset) : "-",
                    Markup.Escape(place.Problem));
            }

            console.Screen.Write(table);
        }

        console.Output.WriteLine(
            $"read {Format.Count(report.Versions, "version")} of {Format.Count(report.Containers, "container")}, " +
            $"{Format.Bytes(report.Bytes)}: " +
            (report.Damaged.Count == 0 ? "all sound" : $"{Format.Count(report.Damaged.Count, "damaged place")}"));
    }
}
