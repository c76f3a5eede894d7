using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>Which versions <c>discard</c> or <c>retain</c> dropped, and what that freed for new use.</summary>
internal sealed record DiscardReport(string Container, ulong[] Discarded, int Versions, long BytesFreed);

/// <summary><c>discard --container NAME INTERVAL…</c>: drops versions, all of them or none.</summary>
internal static class DiscardVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container whose versions go.");
        var intervals = new IntervalsArgument("The versions to drop: '5', or all that are kept from '3-7'.");
        var json = new JsonOption();
        var verb = new Verb("discard", "Drop kept versions of a container for good, all that were named or none.")
        {
            Notes =
            [
                "What is discarded cannot be brought back. The version that the container now begins with is refused,",
                "and so is an interval, or a range, of which no version is kept. Others keep what they share with it.",
            ],
            Examples = ["discard --container notes 5", "discard --container notes 1 3-7 --json"],
        };
        verb.Options.Add(container);
        verb.Arguments.Add(intervals);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            DiscardReport report = await RunAsync(
                volume.Resolve(command), container.Get(command), intervals.Get(command), cancellationToken);
            Print(console, report, json.Get(command));
            return ExitCode.Success;
        });
        return verb;
    }

    /// <summary>As <c>retain</c> also reports.</summary>
    internal static void Print(ToolConsole console, DiscardReport report, bool json)
    {
        if (json)
        {
            console.WriteJson(report, ToolJson.Printed.DiscardReport);
            return;
        }

        console.Output.WriteLine(
            $"discarded {Format.Count(report.Discarded.Length, "version")} of '{report.Container}': " +
            $"{Format.Bytes(report.BytesFreed)} freed, {Format.Count(report.Versions, "version")} kept");
    }

    private static async Task<DiscardReport> RunAsync(
        string directory, string name, IntervalRange[] ranges, CancellationToken cancellationToken)
    {
        await using KernelSession session = await KernelSession.OpenAsync(directory, cancellationToken);
        ContainerRecord container = session.Find(name);
        IReadOnlyList<SnapshotInfo> history = session.Kernel.History(name);
        StateInterval[] chosen = [.. ranges.SelectMany(range => Choose(name, history, range)).Distinct().Order()];
        if (chosen.Contains(session.Head(container)))
        {
            throw new RefusedException(
                $"container '{name}' now begins with version {session.Head(container)}, which cannot be discarded; " +
                "nothing was");
        }

        cancellationToken.ThrowIfCancellationRequested();
        long freed = session.CountFreed(() => session.Kernel.DiscardVersions(name, chosen));
        return new DiscardReport(
            name,
            [.. chosen.Select(interval => interval.Value)],
            history.Count - chosen.Length,
            freed * PageNumber.Size);
    }

    private static List<StateInterval> Choose(string name, IReadOnlyList<SnapshotInfo> history, IntervalRange range)
    {
        List<StateInterval> chosen =
            [.. history.Select(version => version.Interval).Where(interval => range.Contains(interval))];
        return chosen.Count > 0
            ? chosen
            : throw (range.IsSingle
                ? VolumeSession.NoVersion(name, range.First)
                : new RefusedException(
                    $"container '{name}' has no version of intervals {range}; 'katydid history' shows which it has"));
    }
}
