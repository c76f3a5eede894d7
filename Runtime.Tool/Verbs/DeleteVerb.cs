using Runtime.Core;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>delete</c> removed, and what that freed for new use.</summary>
internal sealed record DeleteReport(string Container, int Versions, long BytesFreed);

/// <summary><c>delete --container NAME</c>: a container with all its versions.</summary>
internal static class DeleteVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to remove.");
        var json = new JsonOption();
        var verb = new Verb("delete", "Remove a container with all its versions, for good and durably.")
        {
            Notes =
            [
                "What is deleted cannot be brought back. Refused while another process has the volume open. Clones",
                "stay what they are: what they share with the container goes when the last of them goes.",
            ],
            Examples = ["delete --container notes", "delete --container notes --json"],
        };
        verb.Options.Add(container);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            DeleteReport report = await RunAsync(
                volume.Resolve(command), container.Get(command), cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.DeleteReport);
                return ExitCode.Success;
            }

            console.Output.WriteLine(
                $"deleted '{report.Container}' with {Format.Count(report.Versions, "version")}: " +
                $"{Format.Bytes(report.BytesFreed)} freed");
            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task<DeleteReport> RunAsync(
        string directory, string name, CancellationToken cancellationToken)
    {
        await using KernelSession session = await KernelSession.OpenAsync(directory, cancellationToken);

        // By the volume: a container whose manager is not known here can be removed as well.
        int versions = session.Volume.History(session.Find(name)).Count;
        cancellationToken.ThrowIfCancellationRequested();
        long freed = session.CountFreed(() => session.Kernel.DeleteContainer(name));
        return new DeleteReport(name, versions, freed * PageNumber.Size);
    }
}
