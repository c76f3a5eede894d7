using System.CommandLine;
using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>retain --container NAME [--last N] [--hourly N] [--daily N]</c>: drops what no rule keeps.</summary>
internal static class RetainVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container whose versions go.");
        var last = new CountOption("--last", "versions, at least 1", least: 1, "Keep the newest N versions.");
        var hourly = new CountOption(
            "--hourly", "hours", least: 0, "Keep the newest of each of the last N hours that have a version.");
        var daily = new CountOption(
            "--daily", "days", least: 0, "Keep the newest of each of the last N days, by UTC, that have a version.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Show which versions would go, and drop none." };
        var json = new JsonOption();
        var verb = new Verb("retain", "Keep the newest versions of a container, and some by age; drop the others.")
        {
            Notes =
            [
                "A version stays if any of the options keeps it. The newest stays always, and so does the one that the",
                "container now begins with. What is dropped cannot be brought back; --dry-run shows it before.",
                "Cancelled on the way, it has dropped some of the oldest.",
            ],
            Examples =
            [
                "retain --container notes --last 10",
                "retain --container notes --last 3 --hourly 24 --daily 30 --dry-run",
            ],
        };
        verb.Options.Add(container);
        verb.Options.Add(last);
        verb.Options.Add(hourly);
        verb.Options.Add(daily);
        verb.Options.Add(dryRun);
        verb.Options.Add(json);
        verb.Validators.Add(result =>
        {
            if (new Option[] { last, hourly, daily }.All(option => result.GetResult(option) is null))
            {
                result.AddError("--last, --hourly or --daily is required");
            }
        });
        verb.SetAction(async (command, cancellationToken) =>
        {
            var retention = new Retention(
                last.Get(command) ?? 1, hourly.Get(command) ?? 0, daily.Get(command) ?? 0);
            await RunAsync(
                console,
                volume.Resolve(command),
                container.Get(command),
                retention,
                command.GetValue(dryRun),
                json.Get(command),
                cancellationToken);
            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task RunAsync(
        ToolConsole console,
        string directory,
        string name,
        Retention retention,
        bool dryRun,
        bool json,
        CancellationToken cancellationToken)
    {
        await using KernelSession session = await KernelSession.OpenAsync(directory, cancellationToken);
        StateInterval head = session.Head(session.Find(name));
        IReadOnlyList<SnapshotInfo> superseded = retention.Superseded(session.Kernel.History(name));
        if (dryRun)
        {
            Show(console, [.. superseded.Where(version => version.Interval != head)], json);
            return;
        }

        DiscardVerb.Print(
            console,
            await DropAsync(console, session, name, retention, superseded.Count, cancellationToken),
            json);
    }

    private static void Show(ToolConsole console, SnapshotInfo[] versions, bool json)
    {
        // None of them is the one that the container begins with: that one stays.
        VersionEntry[] entries = [.. versions.Select(version => VersionEntry.Of(version, isCurrent: false))];
        if (json)
        {
            console.WriteJson(entries, ToolJson.Printed.VersionEntryArray);
        }
        else
        {
            HistoryVerb.Draw(console, entries);
        }
    }

    private static async Task<DiscardReport> DropAsync(
        ToolConsole console,
        KernelSession session,
        string name,
        Retention retention,
        int superseded,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<StateInterval> dropped = [];
        long freed = 0;
        await console.WithProgressAsync("retain", superseded, progress => Task.Run(
            () => freed = session.CountFreed(
                () => dropped = session.Kernel.Retain(name, retention, progress, cancellationToken)),
            cancellationToken));
        return new DiscardReport(
            name,
            [.. dropped.Select(version => version.Value)],
            session.Kernel.History(name).Count,
            freed * PageNumber.Size);
    }
}
