using System.CommandLine;
using System.Diagnostics;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>import</c> did.</summary>
internal sealed record ImportReport(
    string Container, long Bytes, long WriteFaults, long PagesChanged, ulong Interval, double Seconds);

/// <summary><c>import FILE --container NAME [--replace]</c>: the only verb that creates a volume.</summary>
internal static class ImportVerb
{
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
                "--replace adds a version if the length is the same; otherwise the old history is deleted first.",
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

    private static async Task<ImportReport> RunAsync(
        ToolConsole console, string volume, string path, string name, bool replace, CancellationToken cancellationToken)
    {
        // The file is opened first: a volume must not come into being for a file that is not there.
        await using FileStream source = SourceFile.Open(path);
        await using Kernel kernel = await VolumeSession.OpenOrCreateAsync(volume, cancellationToken);
        bool isNew = MakeRoom(kernel, volume, name, source.Length, replace);
        try
        {
            return await WriteAsync(console, kernel, source, name, cancellationToken);
        }
        catch when (isNew)
        {
            TryDelete(kernel, name);
            throw;
        }
    }

    /// <returns>Whether the import now creates the container, and may delete it again if it fails.</returns>
    private static bool MakeRoom(Kernel kernel, string volume, string name, long length, bool replace)
    {
        if (kernel.Containers.FirstOrDefault(container => container.Name == name) is not { } existing)
        {
            return true;
        }

        if (!replace)
        {
            throw new RefusedException($"container '{name}' exists in '{volume}'; --replace overwrites it");
        }

        if (existing.Length == length)
        {
            return false;
        }

        kernel.DeleteContainer(name);
        return true;
    }

    private static async Task<ImportReport> WriteAsync(
        ToolConsole console, Kernel kernel, FileStream source, string name, CancellationToken cancellationToken)
    {
        long length = source.Length;
        long started = Stopwatch.GetTimestamp();
        await using Container container = await kernel.OpenContainerAsync(
            name, length, cancellationToken: cancellationToken);
        await console.WithProgressAsync($"import {name}", length, progress =>
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

    /// <summary>Removes a container that was never complete; what made the import fail is what matters.</summary>
    private static void TryDelete(Kernel kernel, string name)
    {
        try
        {
            kernel.DeleteContainer(name);
        }
        catch (KernelException)
        {
        }
    }
}
