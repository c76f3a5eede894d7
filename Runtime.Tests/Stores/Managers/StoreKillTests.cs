using System.Globalization;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// A child has four stores. In each it takes snapshots of two containers on two threads, discards versions on a third
/// and retains on a fourth, until it is killed: again and again, at random moments.
/// </summary>
public class StoreKillTests
{
    private const int Lanes = 2;                                    // children at a time
    private const int Stores = 4;
    private const int Writes = 12;
    private const int Discarded = 3;
    private const int Kept = 8;
    private const long Length = 1 << 20;

    private static readonly string[] s_names = ["a", "b"];

    // Most of the time a child starts. Under Wine that takes seconds, and the code is the same.
    private static readonly int s_kills = OperatingSystem.IsWindows() ? 8 : 126;

    [Test, Deadline(600)]
    public void Five_hundred_stores_killed_amid_snapshots_discards_and_retention_lose_nothing_that_was_reported() =>
        KillAll(s_kills);

    [Test, Category("Soak"), Deadline(3600)]
    public void Five_hundred_kills_amid_snapshots_discards_and_retention_lose_nothing_that_was_reported() =>
        KillAll(kills: 500);

    private static void KillAll(int kills)
    {
        int seed = Environment.TickCount;
        Task<(int Versions, int Gone)>[] lanes =
        [
            .. Enumerable.Range(0, Lanes).Select(lane => Task.Factory.StartNew(
                () => KillAgainAndAgain(seed + lane, kills / Lanes), TaskCreationOptions.LongRunning)),
        ];
        (int Versions, int Gone)[] seen = Task.WhenAll(lanes).Result;
        int versions = seen.Sum(lane => lane.Versions);
        TestContext.Out.WriteLine(
            $"seed {seed}: {kills} kills of {Stores} stores each, {versions} versions reported, "
            + $"{seen.Sum(lane => lane.Gone)} dropped");
        Assert.That(versions, Is.GreaterThanOrEqualTo(kills * Stores), "a child does something before it is killed");
        Assert.That(seen.Sum(lane => lane.Gone), Is.GreaterThan(0));
    }

    private static (int Versions, int Gone) KillAgainAndAgain(int seed, int kills)
    {
        using var directory = new TemporaryDirectory();
        var random = new Random(seed);
        Dictionary<string, Expected>[] expected =
        [
            .. Enumerable.Range(0, Stores).Select(_ => s_names.ToDictionary(name => name, _ => new Expected())),
        ];
        (int versions, int gone) = (0, 0);
        for (int kill = 0; kill < kills; kill++)
        {
            using ChildProcess child = ChildProcess.Start(DoesAllForEver, directory.Path);
            var started = new HashSet<int>();
            while (started.Count < Stores)
            {
                Hear(child.ReadLine()!);
            }

            SpinWait.SpinUntil(() => false, TimeSpan.FromMicroseconds(random.Next(30_000)));
            child.Kill();
            while (child.ReadLine() is { } line)
            {
                Hear(line);
            }

            child.WaitForExit();
            for (int store = 0; store < Stores; store++)
            {
                string where = $"seed {seed}, kill {kill}, store {store}";
                gone += Check(StoreIn(directory.Path, store), expected[store], where, random);
            }

            void Hear(string line)
            {
                string[] words = line.Split(' ');
                int store = int.Parse(words[0], CultureInfo.InvariantCulture);
                expected[store][words[2]].Hear(words[1], words[3..]);
                if (words[1] == "durable")
                {
                    versions++;
                    started.Add(store);
                }
            }
        }

        return (versions, gone);
    }

    private static string StoreIn(string directory, int store) => Path.Combine(directory, $"store {store}");

    /// <summary>How many versions that were reported are gone as they were to.</summary>
    private static int Check(
        string directory, Dictionary<string, Expected> expected, string where, Random random)
    {
        using Volume volume = Volume.Open(directory);
        Assert.That(volume.Verify().Damages, Is.Empty, where);
        int gone = 0;
        foreach ((string name, Expected wanted) in expected)
        {
            ContainerRecord record = volume.Find(name)!;
            ulong[] kept = [.. volume.History(record).Select(version => version.Interval.Value)];
            gone += wanted.CheckAndRemember(kept, $"{where}, container {name}");
            if (kept.Length > 0)
            {
                CheckContent(volume, record, kept[^1], where);
                CheckContent(volume, record, kept[random.Next(kept.Length)], where);
            }
        }

        return gone;
    }

    private static void CheckContent(Volume volume, ContainerRecord record, ulong interval, string where)
    {
        using VersionMap map = volume.OpenMap(record, new StateInterval(interval));
        var page = new byte[PageNumber.Size];
        foreach (long offset in Offsets(interval))
        {
            map.ReadPage(new PageNumber((ulong)(offset / PageNumber.Size)), page);
            Assert.That(
                BitConverter.ToUInt64(page, (int)(offset % PageNumber.Size)),
                Is.EqualTo(interval),
                $"{where}, container {record.Name}, interval {interval}, offset {offset}");
        }
    }

    private static SortedSet<long> Offsets(ulong interval)
    {
        var random = new Random((int)interval);
        return [0, .. Enumerable.Range(1, Writes).Select(_ => random.NextInt64(1, Length / 8) * 8)];
    }

    [Child]
    private static int DoesAllForEver(string[] args)
    {
        for (int store = 0; store < Stores; store++)
        {
            int number = store;
            Kernel kernel = Kernel.Boot(
                new KernelOptions { Volume = StoreIn(args[0], store), SnapshotOnDispose = false });
            foreach (string name in s_names)
            {
                Container container = kernel.OpenContainer(name, Length);
                new Thread(() => SnapshotForEver(container, number)).Start();
            }

            new Thread(() => DiscardForEver(kernel, number)).Start();
            new Thread(() => RetainForEver(kernel, number)).Start();
        }

        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static void SnapshotForEver(Container container, int store)
    {
        while (true)
        {
            ulong interval = container.Interval.Value;
            foreach (long offset in Offsets(interval))
            {
                container.View.Write(offset, interval);
            }

            container.TakeSnapshot().WaitForDurable();
            Console.WriteLine($"{store} durable {container.Name} {interval}");
        }
    }

    /// <summary>Of the oldest few, now and then.</summary>
    private static void DiscardForEver(Kernel kernel, int store)
    {
        for (int round = 0; ; round++)
        {
            string name = s_names[round % s_names.Length];
            IReadOnlyList<SnapshotInfo> history = kernel.History(name);
            if (history.Count < Discarded * 2)
            {
                Thread.Sleep(1);
                continue;
            }

            StateInterval[] oldest = [.. history.Take(Discarded).Select(version => version.Interval)];
            Console.WriteLine($"{store} going {name} {string.Join(' ', oldest.Select(interval => interval.Value))}");
            try
            {
                kernel.DiscardVersions(name, oldest);
            }
            catch (KernelException gone) when (gone.Status is Status.NoSuchInterval)
            {
                // Retention was faster with one of them.
            }
        }
    }

    private static void RetainForEver(Kernel kernel, int store)
    {
        for (int round = 0; ; round++)
        {
            string name = s_names[round % s_names.Length];
            Console.WriteLine($"{store} retaining {name}");
            kernel.Retain(name, new Retention(Kept));
            Thread.Sleep(1);
        }
    }

    /// <summary>What a child has said of a container.</summary>
    private sealed class Expected
    {
        private readonly SortedSet<ulong> _durable = [];
        private readonly HashSet<ulong> _going = [];
        private bool _isRetained;

        public void Hear(string what, string[] intervals)
        {
            IEnumerable<ulong> numbers = intervals.Select(word => ulong.Parse(word, CultureInfo.InvariantCulture));
            switch (what)
            {
                case "durable": _durable.UnionWith(numbers); break;
                case "going": _going.UnionWith(numbers); break;
                default: _isRetained = true; break;
            }
        }

        /// <summary>
        /// What is not there must have been going, or have so many newer ones that retention drops it.
        /// </summary>
        public int CheckAndRemember(ulong[] kept, string where)
        {
            ulong[] missing = [.. _durable.Except(kept)];
            ulong[] known = [.. _durable.Union(kept)];
            foreach (ulong interval in missing.Where(interval => !_going.Contains(interval)))
            {
                Assert.That(
                    _isRetained && known.Count(other => other > interval) >= Kept,
                    $"{where}: version {interval} is lost; there are {string.Join(' ', kept)}");
            }

            _durable.Clear();
            _durable.UnionWith(kept);
            _going.Clear();
            _isRetained = false;
            return missing.Length;
        }
    }
}
