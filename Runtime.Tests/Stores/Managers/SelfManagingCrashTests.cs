using System.Globalization;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Disks;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// A self-managing manager boots from its root page alone, whatever call of the system was the last before power went,
/// one failed, or the process was killed; and each of its containers is at its newest snapshot, or one that was about
/// to be reported.
/// </summary>
public class SelfManagingCrashTests : ManagerCrashContract
{
    private const int Pages = 60;
    private const int Rounds = 10;
    private static readonly string[] s_names = ["a", "b"];
    private static readonly int s_kills = OperatingSystem.IsWindows() ? 3 : 25;

    private protected override (int Cuts, int Failures) Steps => OperatingSystem.IsWindows() ? (13, 17) : (1, 2);

    private protected override CrashRun Begin(SimulatedFileSystem system, string home, int seed, string where) =>
        new Run(system, home, seed, where);

    [Test, Deadline(300)]
    public void A_kill_at_any_moment_loses_nothing_that_was_reported()
    {
        using var directory = new TemporaryDirectory();
        int seed = Environment.TickCount;
        var random = new Random(seed);
        ulong reported = 0;
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess child = ChildProcess.Start(SavesForEver, directory.Path);
            ulong goal = reported + 1;
            for (reported = Parse(child.ReadLine()); reported < goal;)
            {
                reported = Parse(child.ReadLine());
            }

            SpinWait.SpinUntil(() => false, TimeSpan.FromMicroseconds(random.Next(5000)));
            child.Kill();
            while (child.ReadLine() is { } more)
            {
                reported = Parse(more);
            }

            child.WaitForExit();
            string where = $"seed {seed}, kill {kill}, reported {reported}";
            using FileDisk disk = FileDisk.Open(directory["disk"]);
            using Kernel kernel = BootHere(directory["home"], disk);
            using Container container = kernel.OpenContainer("a");
            long round = container.View.Read<long>(0);
            Assert.That((ulong)round, Is.EqualTo(reported).Or.EqualTo(reported + 1), where);
            for (int page = 0; page < Pages; page++)
            {
                Assert.That(container.View.Read<long>(page * PageNumber.Size), Is.EqualTo(round), $"{where}, {page}");
            }

            // And it serves others.
            using Container fresh = kernel.OpenContainer($"of kill {kill}", PageNumber.Size);
            fresh.View.Write(0, 1L);
            fresh.TakeSnapshot().WaitForDurable();
        }
    }

    [Child]
    private static int SavesForEver(string[] args)
    {
        using FileDisk disk = FileDisk.Open(Path.Combine(args[0], "disk"), create: true);
        using Kernel kernel = BootHere(Path.Combine(args[0], "home"), disk);
        using Container container = kernel.OpenContainer("a", Pages * PageNumber.Size);
        long round = container.View.Read<long>(0);
        Console.WriteLine(round);
        while (true)
        {
            round++;
            for (int page = 0; page < Pages; page++)
            {
                container.View.Write(page * PageNumber.Size, round);
            }

            container.TakeSnapshot().WaitForDurable();
            Console.WriteLine(round);
        }
    }

    private static Kernel BootHere(string home, FileDisk disk)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => Volume.Open(home, new VolumeOptions { Create = true }),
            DefaultManager = "self",
            SnapshotOnDispose = false,
        };
        options.Managers.Add("self", () => new SelfManagingManager(disk));
        return Kernel.Boot(options);
    }

    private static ulong Parse(string? line) => ulong.Parse(line!, CultureInfo.InvariantCulture);

    private sealed class Run(SimulatedFileSystem system, string home, int seed, string where) : CrashRun
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<(string Name, ulong Interval), long[]> _versions = [];
        private readonly Dictionary<string, ulong> _reported = s_names.ToDictionary(name => name, _ => 0UL);
        private readonly Dictionary<string, long[]> _content = s_names.ToDictionary(name => name, _ => new long[Pages]);

        public override bool Check()
        {
            bool isNewer = false;
            using FileDisk disk = OpenDisk();
            using Kernel kernel = Boot(disk);
            foreach (string name in s_names)
            {
                using Container container = kernel.OpenContainer(name, Pages * PageNumber.Size);
                ulong newest = kernel.History(name).SingleOrDefault()?.Interval.Value ?? 0;
                Assert.That(newest, Is.GreaterThanOrEqualTo(_reported[name]), $"{where}, {name}");
                AssertHolds(
                    container,
                    newest == 0 ? new long[Pages] : _versions[(name, newest)],
                    $"{where}, '{name}' at {newest}");
                isNewer |= newest > _reported[name];
            }

            // And it goes on from there.
            using Container again = kernel.OpenContainer("c", PageNumber.Size);
            again.View.Write(0, 99);
            again.TakeSnapshot().WaitForDurable();
            return isNewer;
        }

        protected override void Live()
        {
            using FileDisk disk = OpenDisk();
            using Kernel kernel = Boot(disk);
            Container[] containers =
                [.. s_names.Select(name => kernel.OpenContainer(name, Pages * PageNumber.Size))];
            for (int i = 0; i < Rounds; i++)
            {
                Step(containers[_random.Next(containers.Length)]);
            }
        }

        private void Step(Container container)
        {
            long[] content = _content[container.Name];
            for (int i = _random.Next(1, 12); i > 0; i--)
            {
                int page = _random.Next(Pages);
                container.View.Write(page * PageNumber.Size, content[page] = _random.NextInt64());
            }

            // It may be there though the save is said to have failed: power can go behind its commit.
            _versions[(container.Name, container.Interval.Value)] = [.. content];
            try
            {
                Snapshot snapshot = container.TakeSnapshot();
                snapshot.WaitForDurable();
                _reported[container.Name] = snapshot.Interval.Value;
            }
            catch (KernelException) when (system.HasPower)
            {
                Told++;
                AssertHolds(container, content, $"{where}, in memory");
                _versions[(container.Name, container.Interval.Value)] = [.. content];
                container.TakeSnapshot().WaitForDurable();
                _reported[container.Name] = container.Interval.Value - 1;
            }
        }

        private static void AssertHolds(Container container, long[] content, string what)
        {
            for (int page = 0; page < Pages; page++)
            {
                long found = container.View.Read<long>(page * PageNumber.Size);
                Assert.That(found, Is.EqualTo(content[page]), $"{what}, page {page}");
            }
        }

        private FileDisk OpenDisk()
        {
            string path = home + ".disk";
            IFile file = ((IFileSystem)system).OpenFile(directory: null, path, create: true, isReadOnly: false);
            ((IFileSystem)system).FlushDirectory(directory: null, Path.GetDirectoryName(path)!);
            return new FileDisk(file, path, isReadOnly: false);
        }

        private Kernel Boot(FileDisk disk)
        {
            var options = new KernelOptions
            {
                OpenVolume = () => Volume.Open(home, new VolumeOptions { Create = true }, system),
                DefaultManager = "self",
                SnapshotOnDispose = false,
                LocusThreads = 1,
            };
            options.Managers.Add("self", () => new SelfManagingManager(disk));
            return Kernel.Boot(options);
        }
    }
}
