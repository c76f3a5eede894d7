using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>map --container NAME [--at INTERVAL] [--version INTERVAL]</c>: where a container has pages.</summary>
internal static class MapVerb
{
    private const int MostBlocksByDefault = 1024;
    private const int MostBlocks = 65_536;
    private const int MostRunsShown = 20;

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to draw.");
        var at = new IntervalOption(
            "The version to draw, as 'katydid history' lists them; by default what the container now holds.");
        var other = new IntervalOption("Compare with this version, and show what differs.", name: "--version");
        var block = new CountOption(
            "--block", "pages, at least 1", least: 1, "Pages for each letter; by default as few as fit 16 rows.");
        var json = new JsonOption();
        var verb = new Verb("map", "Draw which pages of a container the volume has, by block of pages, as letters.")
        {
            Notes =
            [
                "S is a block whose pages are all stored, s one of which some are, a dot one that was never written: a",
                "hole, which reads as zeroes and takes no room. With --version, X and x are blocks that differ.",
                "Pages differ when they were written between the two versions, even if with the same bytes.",
                "It reads the volume's maps, but no page. Nothing of a container at rest is in memory: 'katydid stats",
                "--map' shows what is absent, clean, dirty and pinned under a workload.",
            ],
            Examples =
            [
                "map --container notes",
                "map --container notes --version 3",
                "map --container image --at 5 --version 3 --block 16 --json",
            ],
        };
        verb.Options.Add(container);
        verb.Options.Add(at);
        verb.Options.Add(other);
        verb.Options.Add(block);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            MapReport report = await RunAsync(
                console,
                volume.Resolve(command),
                container.Get(command),
                at.Get(command),
                other.Get(command),
                block.Get(command),
                cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.MapReport);
            }
            else
            {
                Draw(console, report);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task<MapReport> RunAsync(
        ToolConsole console,
        string directory,
        string name,
        StateInterval? at,
        StateInterval? other,
        int? pagesPerBlock,
        CancellationToken cancellationToken)
    {
        using Volume volume = VolumeSession.OpenToRead(directory);
        ContainerRecord container = volume.Find(name) ?? throw VolumeSession.NoContainer(name);
        using VersionMap version = Open(volume, container, at);
        using VersionMap? compared = other is null ? null : Open(volume, container, other);
        long pageCount = ContainerMap.PageCount(version, compared);
        long pages = pagesPerBlock ?? BlockPicture.PagesPerBlock(pageCount, MostBlocksByDefault);
        long least = (pageCount + MostBlocks - 1) / MostBlocks;
        if (pages < least)
        {
            throw new RefusedException(
                $"'{name}' has {Format.Count(pageCount, "page")}, and a picture at most {Format.Count(MostBlocks)} " +
                $"blocks: --block must be at least {Format.Count(least)}");
        }

        var map = new ContainerMap(version, compared, pages);
        return await console.WithFractionAsync("map", progress => Task.Run(
            () => map.Take(container, progress, cancellationToken), cancellationToken));
    }

    private static VersionMap Open(Volume volume, ContainerRecord container, StateInterval? interval)
    {
        if (interval is { } version && volume.History(container).All(kept => kept.Interval != version))
        {
            throw VolumeSession.NoVersion(container.Name, version);
        }

        return volume.OpenMap(container, interval);
    }

    private static void Draw(ToolConsole console, MapReport report)
    {
        string version = report.Interval is { } interval ? $"interval {interval}" : "no version";
        console.Output.WriteLine(
            $"'{report.Container}', {version}: {Format.Bytes(report.Bytes)}, " +
            $"{Format.Count(report.Stored)} of {Format.Count(report.Pages, "page")} stored");
        if (report.Differing is { } differing)
        {
            console.Output.WriteLine(
                $"compared with interval {report.ComparedWith}: {Format.Count(differing, "page")} " +
                $"{(differing == 1 ? "differs" : "differ")}");
        }

        console.Output.WriteLine(
            $"each letter is {BlockPicture.DescribeBlock(report.PagesPerBlock)}: . hole, S stored" +
            $"{(report.Differing is null ? "" : ", X differs")}; small if only some of its pages");
        console.Output.WriteLine();
        BlockPicture.Draw(console, [.. report.Blocks.Select(Picture)], report.PagesPerBlock);
        DrawRuns(console, report.DifferingRuns ?? []);
    }

    private static PictureBlock Picture(MapBlock block) => block switch
    {
        { Differing: > 0 } => PictureBlock.Of('x', "red", block.Differing == block.Pages),
        { Stored: > 0 } => PictureBlock.Of('s', "green", block.Stored == block.Pages),
        _ => PictureBlock.Empty,
    };

    private static void DrawRuns(ToolConsole console, PageRun[] runs)
    {
        if (runs.Length == 0)
        {
            return;
        }

        IEnumerable<string> shown = runs.Take(MostRunsShown).Select(run =>
            run.Pages == 1 ? $"{run.FirstPage}" : $"{run.FirstPage}-{run.FirstPage + run.Pages - 1}");
        string more = runs.Length > MostRunsShown
            ? $" and {Format.Count(runs.Length - MostRunsShown, "more stretch", "more stretches")}"
            : "";
        console.Output.WriteLine();
        console.Output.WriteLine($"pages that differ, from 0: {string.Join(", ", shown)}{more}");
    }
}
