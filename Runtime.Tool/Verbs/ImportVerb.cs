using System.CommandLine;
using System.Diagnostics;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>import</c> did.</summary>
internal sealed record ImportReport(
    string Container, long Bytes, long WriteFaults, long PagesChanged, ulong Interval, double Seconds);

/// <summary><c>import FILE --container NAME [--replace]</c>: the only verb that creates a volume.</summary>
internal static class ImportVerb
{
    /// <summary>The container that an import writes until it is complete.</summary>
    internal const string Unfinished = ".unfinished import";

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var file = new Argument<string>("FILE") { Description = "The file to read." };
        var container = new ContainerOption("The container to write; it must be new unless --replace is given.");
        var replace = new Option<bool>("--replace")
        {
            Description = "Overwrite an existing container.",
        };
        var json = new JsonOption();
        var verb = new Verb(
            "import",
            "Write a file through a container's window, each page by a write fault, and make a snapshot durable.")
        {
            Notes =
            [
                "Creates the volume and the container if need be. An import that fails leaves no new container behind.",
                "--replace adds a version if the length is the same. Otherwise the new container takes the old one's",
                "place, history and all, in one step when it is complete.",
            ],
            Examples =
            [
                "import notes.txt --container notes",
                "import new.iso --container image --replace --volume /data/store",
            ],
        };
        verb.Arguments.Add(file);
        verb.Options.Add(container);
        verb.Options.Add(replace);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            ImportReport report = await RunAsync(
                console,
                volume.Resolve(command),
                command.GetRequiredValue(file),
                container.Get(command),
                command.GetValue(replace),
                cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.ImportReport);
                return ExitCode.Success;
            }

            console.Output.WriteLine(
                $"imported {Format.Bytes(report.Bytes)} into '{report.Container}': " +
                $"{Format.Count(report.WriteFaults, "write fault")}, interval {report.Interval} durable after " +
                Format.Duration(TimeSpan.FromSeconds(report.Seconds)));
            return ExitCode.Success;
        });
        return verb;
    }

    /// <summary>A container of that name would be lost with the next import.</summary>
    internal static void RefuseUnfinished(string name)
    {
        if (name == Unfinished)
        {
            throw new RefusedException($"'{Unfinished}' is where imports are kept until they are complete");
        }
    }

    private static async Task<ImportReport> RunAsync(
        ToolConsole console, string volume, string path, string name, bool replace, CancellationToken cancellationToken)
    {
        RefuseUnfinished(name);

        // The file is opened first: a volume must not come into being for a file that is not there.
        await using FileStream source = SourceFile.Open(path);
        await using Kernel kernel = await VolumeSession.OpenOrCreateAsync(volume, cancellationToken);
        ContainerRecord? existing = kernel.Containers.FirstOrDefault(container => container.Name == name);
        if (existing is not null && !replace)
        {
            throw new RefusedException($"container '{name}' exists in '{volume}'; --replace overwrites it");
        }

        // A version appears whole by itself; a container does by being complete before it gets its name.
        return existing?.Length == source.Length
            ? await WriteAsync(console, kernel, source, name, cancellationToken)
            : await WriteAsideAsync(console, kernel, source, name, cancellationToken);
    }

    private static async Task<ImportReport> WriteAsideAsync(
        ToolConsole console, Kernel kernel, FileStream source, string name, CancellationToken cancellationToken)
    {
        // The volume is ours alone: what lies there is of an import that was killed.
        DeleteUnfinished(kernel);
        try
        {
            ImportReport report = await WriteAsync(console, kernel, source, Unfinished, cancellationToken);
            kernel.RenameContainer(Unfinished, name, replaces: true);
            return report with { Container = name };
        }
        catch
        {
            DeleteUnfinished(kernel);
            throw;
        }
    }

    private static async Task<ImportReport> WriteAsync(
        ToolConsole console, Kernel kernel, FileStream source, string name, CancellationToken cancellationToken)
    {
        long length = source.Length;
        long started = Stopwatch.GetTimestamp();
        await using Container container = await kernel.OpenContainerAsync(
            name, length, cancellationToken: cancellationToken);
        await console.WithProgressAsync("import", length, progress =>
            ContainerCopy.FromStreamAsync(source, container.View, progress, cancellationToken));
        Snapshot snapshot = await container.SnapshotAsync(cancellationToken);
        await snapshot.WaitForDurableAsync(cancellationToken);
        return new ImportReport(
            name,
            length,
            container.Statistics.WriteFaults,
            snapshot.Info.PagesChanged,
            snapshot.Interval.Value,
            Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>Removes what is not complete, if it can: the user must hear of what made the import fail.</summary>
    private static void DeleteUnfinished(Kernel kernel)
    {
        try
        {
            if (kernel.Containers.Any(container => container.Name == Unfinished))
            {
                kernel.DeleteContainer(Unfinished);
            }
        }
        catch (KernelException)
        {
        }
    }
}
