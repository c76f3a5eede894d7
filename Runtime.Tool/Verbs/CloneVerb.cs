using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>clone</c> made; the interval is the source's, null if that has no version yet.</summary>
internal sealed record CloneReport(string Container, string Source, ulong? Interval, long Bytes);

/// <summary><c>clone --container NAME [--at INTERVAL] --as NAME</c>: a container that begins as another is.</summary>
internal static class CloneVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to begin with.");
        var at = new IntervalOption(
            "The version to begin with, as 'katydid history' lists them; by default what the container now holds.");
        var clone = new ContainerOption("The new container; it must not exist.", name: "--as");
        var json = new JsonOption();
        var verb = new Verb("clone", "Make a new container that begins with a version of another one, durably.")
        {
            Notes =
            [
                "Costs no copy: they share what neither of them changes. The version is the clone's interval 1, and",
                "stays there when it is discarded from the other container, or that is deleted.",
            ],
            Examples = ["clone --container notes --as draft", "clone --container notes --at 3 --as 'notes, 3'"],
        };
        verb.Options.Add(container);
        verb.Options.Add(at);
        verb.Options.Add(clone);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            CloneReport report = await RunAsync(
                volume.Resolve(command),
                container.Get(command),
                at.Get(command),
                clone.Get(command),
                cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.CloneReport);
                return ExitCode.Success;
            }

            string version = report.Interval is { } interval ? $"interval {interval}" : "no version";
            console.Output.WriteLine(
                $"cloned '{report.Source}', {version}, as '{report.Container}': {Format.Bytes(report.Bytes)}");
            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task<CloneReport> RunAsync(
        string directory, string source, StateInterval? at, string name, CancellationToken cancellationToken)
    {
        ImportVerb.RefuseUnfinished(name);
        await using KernelSession session = await KernelSession.OpenAsync(directory, cancellationToken);
        ContainerRecord container = session.Find(source);
        StateInterval version = at is { } interval
            ? session.FindVersion(source, interval).Interval
            : session.Head(container);
        cancellationToken.ThrowIfCancellationRequested();
        session.Kernel.CloneContainer(source, name, at);
        return new CloneReport(
            name, source, version.Value == 0 ? null : version.Value, session.Find(name).Length);
    }
}
