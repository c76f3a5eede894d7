using System.CommandLine;
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
        var repair = new Option<bool>("--repair") { Description = "Mend superblocks, and say what was done." };
        var json = new JsonOption();
        var verb = new Verb(
            "verify",
            "Read everything that the volume holds, check every checksum, and list what is damaged.")
        {
            Notes =
            [
                "Reads every version of every container, beside whoever has the volume open, and changes nothing.",
                "Fails if anything is damaged. With --repair, copies of superblocks that are damaged are first written",
                "again from their other copies, which nobody may have open meanwhile; all else has one copy only:",
                "restore it from a backup.",
            ],
            Examples = ["verify", "verify --volume /data/store --json", "verify --repair"],
        };
        verb.Options.Add(repair);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            string directory = volume.Resolve(command);
            string[] repairs = command.GetValue(repair) ? VolumeCheck.Repair(directory) : [];
            VerifyReport report = await VolumeCheck.RunAsync(console, directory, repairs, cancellationToken);
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
        foreach (string repair in report.Repairs)
        {
            console.Output.WriteLine($"repaired: {repair}");
        }

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
