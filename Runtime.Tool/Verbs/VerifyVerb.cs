using Runtime.Core;
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
            VerifyReport report = await VolumeCheck.RunAsync(console, volume.Resolve(command), cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.VerifyReport);
            }
            else
            {
                Draw(console, report);
            }

            return report.DamageCount == 0
                ? ExitCode.Success
                : throw new RefusedException($"the volume is damaged: {Format.Count(report.DamageCount, "block")}");
        });
        return verb;
    }

    private static void Draw(ToolConsole console, VerifyReport report)
    {
        if (report.Damaged.Length > 0)
        {
            Table table = Tables.Create("container", "interval", "page", "problem");
            foreach (DamagedBlock damaged in report.Damaged)
            {
                table.AddRow(
                    Markup.Escape(damaged.Container ?? "-"),
                    damaged.Interval is { } interval ? new StateInterval(interval).ToString() : "-",
                    damaged.Page is { } page ? Format.Count((long)page) : "-",
                    Markup.Escape(damaged.Problem));
            }

            console.Screen.Write(table);
        }

        console.Output.WriteLine(
            $"read {Format.Count(report.Blocks, "block")}, {Format.Count(report.Pages)} of them pages: " +
            (report.DamageCount == 0 ? "all sound" : $"{Format.Count(report.DamageCount)} damaged"));
    }
}
