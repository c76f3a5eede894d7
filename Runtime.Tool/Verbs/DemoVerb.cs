using System.CommandLine;
using Runtime.Native;
using Runtime.Tool.Arguments;
using Runtime.Tool.Demo;
using Runtime.Tool.Faults;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>demo</c> did, step by step, and the faults of this process by the way they came in.</summary>
internal sealed record DemoReport(string File, IReadOnlyList<DemoStep> Steps, TrapCounts Faults);

/// <summary><c>demo [FILE]</c>: the main job, with a process killed in the middle of it.</summary>
internal static class DemoVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var file = new Argument<string?>("FILE")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "The file to take through it; by default the largest library of the .NET runtime.",
        };
        var engine = new EngineOption();
        var json = new JsonOption();
        var verb = new Verb(
            "demo",
            "Take a real file through the whole store, with a process killed in the middle of writing.")
        {
            Notes =
            [
                "Imports by write faults, reads back by read faults, patches, kills a child process, recovers,",
                "verifies, exports and compares. All in a temporary directory; with --volume, which must name an",
                "empty or absent directory, the volume is made there and kept.",
            ],
            Examples = ["demo", "demo photo.jpg --volume /tmp/demo"],
        };
        verb.Arguments.Add(file);
        verb.Options.Add(engine);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            bool isQuiet = json.Get(command);
            DemoReport report = await RunAsync(
                console,
                command.GetValue(file),
                command.GetValue(volume),
                engine.Get(command),
                isQuiet,
                cancellationToken);
            if (isQuiet)
            {
                console.WriteJson(report, ToolJson.Printed.DemoReport);
            }
            else
            {
                DrawFaults(console, report);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task<DemoReport> RunAsync(
        ToolConsole console,
        string? given,
        string? keptVolume,
        TrapEngine? engine,
        bool isQuiet,
        CancellationToken cancellationToken)
    {
        string file = DemoSource.Choose(given);
        if (keptVolume is not null)
        {
            RequireEmptyOrAbsent(keptVolume);
        }

        var steps = new List<DemoStep>();
        DirectoryInfo workspace = Directory.CreateTempSubdirectory("katydid-demo-");
        try
        {
            if (!isQuiet)
            {
                console.Output.WriteLine($"{file}, {Format.Bytes(new FileInfo(file).Length)}");
                console.Output.Flush();
            }

            string volume = keptVolume ?? Path.Combine(workspace.FullName, "volume");
            await new DemoRun(console, file, volume, engine, workspace.FullName, Take).RunAsync(cancellationToken);
        }
        finally
        {
            workspace.Delete(recursive: true);
        }

        return new DemoReport(file, steps, TrapFacts.Counts());

        void Take(DemoStep step)
        {
            steps.Add(step);
            if (!isQuiet)
            {
                DrawStep(console, step);
            }
        }
    }

    private static void RequireEmptyOrAbsent(string directory)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new RefusedException($"'{directory}' is not empty; the demo makes a volume of its own");
        }
    }

    private static void DrawStep(ToolConsole console, DemoStep step)
    {
        string duration = Format.Duration(TimeSpan.FromSeconds(step.Seconds));
        console.Output.WriteLine($"  {step.Name,-9}  {step.Did} ({duration})");
        console.Output.Flush();
    }

    private static void DrawFaults(ToolConsole console, DemoReport report)
    {
        console.Output.WriteLine();
        console.Output.WriteLine("Hardware faults, and calls of the manager to supply pages:");
        Table table = Tables.Create("step", "read faults", "write faults", "upcalls");
        foreach (DemoStep step in report.Steps.Where(step => step.ReadFaults + step.WriteFaults > 0))
        {
            table.AddRow(
                step.Name, Format.Count(step.ReadFaults), Format.Count(step.WriteFaults), Format.Count(step.Upcalls));
        }

        console.Screen.Write(table);
        console.Output.WriteLine($"This process took {report.Faults}.");
    }
}
