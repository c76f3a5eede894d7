using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>A small alphabet of changes, each of which can be made in any state of a volume.</summary>
internal static class ShortWorkloads
{
    private const string First = "a";
    private const long Length = 1 << 21;

    public static IReadOnlyDictionary<char, Action<CrashRun>> Alphabet { get; } = new Dictionary<char, Action<CrashRun>>
    {
        ['c'] = run => run.Driver.Commit(First, new() { [1] = Next(run), [9] = 0, [300] = Next(run) }, Length),
        ['s'] = run => run.Driver.Commit(First, new() { [0] = Next(run) }, newLength: 8 * PageNumber.Size),
        ['d'] = Discard,
        ['r'] = run => run.Driver.Restore(First, Model(run).Versions[0].Interval),
        ['k'] = run => run.Driver.Clone(First, Model(run).Versions[0].Interval, $"clone {Next(run)}"),
        ['x'] = Delete,
        ['t'] = Together,
        ['e'] = Evict,
        ['o'] = run => run.Reopen(),
    };

    /// <summary>What every sequence begins with: two versions, of a map of two levels.</summary>
    public static void Begin(CrashRun run)
    {
        run.Open();
        run.Driver.Create(First, Length);
        run.Driver.Commit(First, new() { [0] = 1, [1] = 2, [400] = 3 });
        run.Driver.Commit(First, new() { [1] = 4, [9] = 5 });
    }

    public static IEnumerable<string> Sequences(int length) => length == 0
        ? [string.Empty]
        : Sequences(length - 1).SelectMany(sequence => Alphabet.Keys.Select(change => sequence + change));

    private static void Discard(CrashRun run)
    {
        VolumeModel.ContainerModel model = Model(run);
        run.Driver.Discard(
            First, [.. model.Versions.Where(v => v.Interval != model.Head!.Interval).Take(1).Select(v => v.Interval)]);
    }

    private static void Delete(CrashRun run)
    {
        string name = Other(run) ?? First;
        run.Driver.Delete(name);
        if (name == First)
        {
            run.Driver.Create(First, Length);
            run.Driver.Commit(First, new() { [2] = Next(run) });
        }
    }

    private static void Together(CrashRun run)
    {
        if (Other(run) is null)
        {
            run.Driver.Create($"new {Next(run)}", 1L << 40);
        }

        run.Driver.CommitTogether(
            (First, new() { [1] = Next(run) }), (Other(run)!, new() { [0] = Next(run), [3] = Next(run) }));
    }

    /// <summary>A draft is written, one on top of it, too, and only the lower one becomes a version.</summary>
    private static void Evict(CrashRun run)
    {
        using VersionDraft draft = run.Driver.Volume.OpenDraft(run.Driver.Volume.Find(First)!);
        SortedDictionary<ulong, int> pages = new() { [0] = Next(run), [1] = Next(run) };
        VolumeDriver.Write(draft, pages);
        using VersionDraft next = draft.Continue();
        VolumeDriver.Write(next, new() { [1] = -1, [2] = -2 });
        run.Driver.Commit(First, draft, pages);
    }

    private static string? Other(CrashRun run) =>
        run.Driver.Reported.Containers.Keys.FirstOrDefault(name => name != First);

    private static VolumeModel.ContainerModel Model(CrashRun run) => run.Driver.Reported.Containers[First];

    private static int Next(CrashRun run) => 1000 + run.Journal.Entries.Count;
}
