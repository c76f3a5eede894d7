using System.CommandLine;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>export --container NAME [--at INTERVAL] OUT</c>.</summary>
internal static class ExportVerb
{
    private const string StandardOutput = "-";

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var target = new Argument<string>("OUT")
        {
            Description = "The file to write; '-' is standard output.",
        };
        var container = new ContainerOption("The container to read.");
        var at = new IntervalOption(
            "The version to read, as 'katydid history' lists them; by default what the container now holds.");
        var verb = new Verb("export", "Read a container through its window, each page by a read fault, into a file.")
        {
            Notes = ["The file has exactly the container's bytes, and appears under its name complete or not at all."],
            Examples = ["export --container notes notes.txt", "export --container notes --at 1 - | sha256sum"],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(container);
        verb.Options.Add(at);
        verb.SetAction((command, cancellationToken) => RunAsync(
            console,
            volume.Resolve(command),
            container.Get(command),
            at.Get(command),
            command.GetRequiredValue(target),
            cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        ToolConsole console,
        string volume,
        string name,
        StateInterval? at,
        string target,
        CancellationToken cancellationToken)
    {
        await using Kernel kernel = await VolumeSession.BootToReadAsync(volume, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(name, at, cancellationToken);
        if (target == StandardOutput)
        {
            await CopyAsync(console.StandardOutput);
            return ExitCode.Success;
        }

        await OutputFile.WriteAsync(target, CopyAsync, cancellationToken);
        console.Output.WriteLine(
            $"exported {Format.Bytes(container.Length)} from '{name}' to '{target}': " +
            Format.Count(container.Statistics.ReadFaults, "read fault"));
        return ExitCode.Success;

        Task CopyAsync(Stream stream) => console.WithProgressAsync($"export {name}", container.Length, progress =>
            ContainerCopy.ToStreamAsync(container.View, stream, progress, cancellationToken));
    }
}
