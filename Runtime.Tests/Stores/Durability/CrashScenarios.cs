using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>What volumes are used for, each small enough to be crashed at every call in several ways.</summary>
internal static class CrashScenarios
{
    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, Action<CrashRun>> All { get; } = new Dictionary<string, Action<CrashRun>>
    {
        ["create"] = Create,
        ["first snapshot"] = FirstSnapshot,
        ["many small snapshots"] = ManySmallSnapshots,
        ["large snapshot"] = LargeSnapshot,
        ["snapshot while evicting"] = SnapshotWhileEvicting,
        ["discard and reuse"] = DiscardAndReuse,
        ["clone"] = Clone,
        ["restore"] = Restore,
        ["rollback"] = Rollback,
        ["retention"] = Retention,
        ["two containers"] = TwoContainers,
        ["two containers cut together"] = TwoContainersCutTogether,
        ["growth"] = Growth,
        ["full volume"] = FullVolume,
        ["backup"] = Backup,
        ["killed and opened again"] = KilledAndOpenedAgain,
    };

    private static void Create(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 20);
        run.Driver.Create("b", 1L << 40);
        run.Driver.Delete("a");
        run.Driver.Create("a", 4096);
    }

    private static void FirstSnapshot(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 20);
        run.Driver.Commit("a", Pages(seed: 1, count: 20, 256));
    }

    private static void ManySmallSnapshots(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1L << 30);
        for (int i = 1; i <= 12; i++)
        {
            run.Driver.Commit("a", Pages(seed: i, count: 2, 1 << (2 * (i % 9))));
        }
    }

    private static void LargeSnapshot(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1L << 30);
        run.Driver.Commit("a", Pages(seed: 1, count: 10, 1 << 18));
        run.Driver.Commit("a", Pages(seed: 2, count: 300, 600));
    }

    private static void SnapshotWhileEvicting(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 20);
        VersionDraft draft = run.Driver.Volume.OpenDraft(run.Driver.Volume.Find("a")!);
        SortedDictionary<ulong, int> written = [];
        for (int i = 1; i <= 5; i++)
        {
            // Before the cut pages are evicted, some twice; after it the others are saved while the next are evicted.
            Write(draft, written, Pages(seed: i, count: 5, 60));
            Write(draft, written, Pages(seed: i + 50, count: 3, 60));
            VersionDraft next = draft.Continue();
            SortedDictionary<ulong, int> writtenNext = [];
            Write(next, writtenNext, Pages(seed: i + 100, count: 4, 60));
            Write(draft, written, Pages(seed: i + 150, count: 5, 60));
            run.Driver.Commit("a", draft, written);
            draft.Dispose();
            (draft, written) = (next, writtenNext);
        }

        draft.Dispose();
    }

    private static void DiscardAndReuse(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        for (int i = 1; i <= 6; i++)
        {
            run.Driver.Commit("a", Pages(seed: i, count: 12, 24));
            if (i > 2)
            {
                run.Driver.Discard("a", (ulong)i - 2);
            }
        }
    }

    private static void Clone(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        run.Driver.Commit("a", Pages(seed: 1, count: 8, 600));
        run.Driver.Commit("a", Pages(seed: 2, count: 4, 600));
        run.Driver.Clone("a", 1, "b");
        run.Driver.Commit("b", Pages(seed: 3, count: 4, 600));
        run.Driver.Discard("a", 1);
        run.Driver.Clone("b", null, "c");
        run.Driver.Delete("b");
        run.Driver.Commit("c", Pages(seed: 4, count: 4, 600));
        run.Driver.Delete("a");
    }

    private static void Restore(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        for (int i = 1; i <= 3; i++)
        {
            run.Driver.Commit("a", Pages(seed: i, count: 6, 40), newLength: i << 20);
        }

        run.Driver.Restore("a", 1);
        run.Driver.Commit("a", Pages(seed: 4, count: 6, 40));
        run.Driver.Restore("a", 3);
        run.Driver.Discard("a", 1, 2);
        run.Driver.Commit("a", Pages(seed: 5, count: 6, 40), newLength: 30 * 4096);
    }

    private static void Rollback(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        for (int i = 1; i <= 4; i++)
        {
            run.Driver.Commit("a", Pages(seed: i, count: 6, 40), newLength: i << 20);
        }

        run.Driver.Clone("a", 3, "b");
        run.Driver.Rollback("a", 2);
        run.Driver.Commit("a", Pages(seed: 5, count: 6, 40));
        run.Driver.Rollback("a", 2);
        run.Driver.Commit("b", Pages(seed: 6, count: 6, 40));
    }

    private static void Retention(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        for (int i = 1; i <= 9; i++)
        {
            run.Driver.Commit("a", Pages(seed: i, count: 3, 100));
            if (i % 3 == 0)
            {
                run.Driver.Discard("a", (ulong)i - 2, (ulong)i - 1);
            }
        }
    }

    private static void TwoContainers(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        run.Driver.Create("b", 1L << 40);
        for (int i = 1; i <= 4; i++)
        {
            run.Driver.CommitTogether(
                ("a", Pages(seed: i, count: 4, 100)), ("b", Pages(seed: i + 50, count: 4, 1 << 26)));
        }
    }

    /// <summary>What a kernel makes of one cut is one commit, too.</summary>
    private static void TwoContainersCutTogether(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        run.Driver.Create("b", 1 << 28);
        var options = new KernelOptions { OpenVolume = () => run.Driver.Volume, SnapshotOnDispose = false };
        options.Managers.Add(VolumeDriver.Manager, () => new SnapshottingManager(
            run.Driver.Volume, new SnapshottingOptions { ReadAhead = 0 }));
        using Kernel kernel = Kernel.Boot(options);
        Container a = kernel.OpenContainer("a");
        Container b = kernel.OpenContainer("b");
        for (int i = 1; i <= 5; i++)
        {
            run.Driver.CutTogether(
                kernel, (a, Pages(seed: i, count: 4, 100)), (b, Pages(seed: i + 50, count: 4, 9000)));
        }
    }

    private static void Growth(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        for (int i = 1; i <= 4; i++)
        {
            run.Driver.Commit("a", Pages(seed: i, count: 60, 80), newLength: (long)i << 24);
        }
    }

    private static void FullVolume(CrashRun run)
    {
        run.Open();
        run.Journal.Capacity = 260;
        run.Driver.Create("a", 1 << 22);
        run.Driver.Commit("a", Pages(seed: 1, count: 40, 60));
        int commits = 1;
        try
        {
            for (; ; commits++)
            {
                run.Driver.Commit("a", Pages(seed: commits + 1, count: 30, 60));
            }
        }
        catch (VolumeException e) when (e.Status == Status.NoResources)
        {
            run.Driver.GiveUp();
        }

        run.Driver.Restore("a", 1);
        run.Driver.Discard("a", [.. Enumerable.Range(2, commits - 1).Select(interval => (ulong)interval)]);
        run.Driver.Create("b", 1 << 20);
        run.Driver.Commit("b", Pages(seed: 99, count: 20, 60));
    }

    private static void Backup(CrashRun run)
    {
        using var disk = new SimulatedDisk();
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        var source = new VolumeDriver(volume);
        source.Create("a", 1 << 22);
        source.Create("b", 1L << 40);
        source.Commit("a", Pages(seed: 1, count: 20, 600));
        source.Commit("b", Pages(seed: 2, count: 6, 1 << 26));
        run.Open();
        run.Driver.CopyFrom(source);
        source.Commit("a", Pages(seed: 3, count: 8, 600));
        source.Clone("a", 1, "c");
        source.Restore("a", 1);
        source.Commit("a", Pages(seed: 4, count: 8, 600));
        run.Driver.CopyFrom(source);
        run.Driver.CopyFrom(source);
    }

    private static void KilledAndOpenedAgain(CrashRun run)
    {
        run.Open();
        run.Driver.Create("a", 1 << 22);
        run.Driver.Commit("a", Pages(seed: 1, count: 6, 40));
        using VersionDraft lost = run.Driver.Volume.OpenDraft(run.Driver.Volume.Find("a")!);
        VolumeDriver.Write(lost, Pages(seed: 2, count: 6, 40));
        run.Reopen();
        run.Driver.Commit("a", Pages(seed: 3, count: 6, 40));
        run.Driver.Discard("a", 1);
        run.Reopen();
        run.Driver.Commit("a", Pages(seed: 4, count: 6, 40));
    }

    private static void Write(
        VersionDraft draft, SortedDictionary<ulong, int> written, SortedDictionary<ulong, int> pages)
    {
        VolumeDriver.Write(draft, pages);
        foreach ((ulong page, int content) in pages)
        {
            written[page] = content;
        }
    }

    private static SortedDictionary<ulong, int> Pages(int seed, int count, int below)
    {
        var random = new Random(seed);
        var pages = new SortedDictionary<ulong, int>();
        for (int i = 0; i < count; i++)
        {
            pages[(ulong)random.Next(below)] = random.Next(6) == 0 ? 0 : random.Next(1, int.MaxValue);
        }

        return pages;
    }
}
