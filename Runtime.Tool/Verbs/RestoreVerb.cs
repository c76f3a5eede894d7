using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>restore</c> did; the newer versions are those that it left in the history.</summary>
internal sealed record RestoreReport(string Container, ulong Interval, long Bytes, int NewerVersions);

/// <summary><c>restore --container NAME --to INTERVAL</c>: back to a kept version, and nothing is lost.</summary>
internal static class RestoreVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to take back.");
        var to = new IntervalOption("The version to go back to, as 'katydid history' lists them.", name: "--to")
        {
            Required = true,
        };
        var json = new JsonOption();
        var verb = new Verb("restore", "Make a container hold again what a kept version has, durably.")
        {
            Notes =
            [
                "Nothing is lost: newer versions stay in the history, where they can be restored as well, until they",
                "are discarded. The container's length becomes the version's.",
            ],
            Examples = ["restore --container notes --to 3", "restore --container notes --to 3 --json"],
        };
        verb.Options.Add(container);
        verb.Options.Add(to);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            RestoreReport report = await RunAsync(
                volume.Resolve(command), container.Get(command), to.Get(command)!.Value, cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.RestoreReport);
                return ExitCode.Success;
            }

            string kept = report.NewerVersions == 0
                ? "there is no newer version"
                : $"{Format.Count(report.NewerVersions, "newer version")} kept";
            console.Output.WriteLine(
                $"restored '{report.Container}' to interval {report.Interval}: {Format.Bytes(report.Bytes)}, {kept}");
            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task<RestoreReport> RunAsync(
        string directory, string name, StateInterval interval, CancellationToken cancellationToken)
    {
        await using KernelSession session = await KernelSession.OpenAsync(directory, cancellationToken);
        session.Find(name);
        SnapshotInfo version = session.FindVersion(name, interval);
        cancellationToken.ThrowIfCancellationRequested();
        session.Kernel.RestoreContainer(name, interval);
        int newer = session.Kernel.History(name).Count(kept => kept.Interval > interval);
        return new RestoreReport(name, interval.Value, version.Length, newer);
    }
}
