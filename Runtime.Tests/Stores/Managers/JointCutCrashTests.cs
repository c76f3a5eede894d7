using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// Containers that were cut together are there together, with cuts of one of them in between: their versions stand in
/// one commit of the volume. The saver committed them one after the other once, and a crash could keep one only.
/// </summary>
public class JointCutCrashTests : ManagerCrashContract
{
    private const int Pages = 30;
    private const int Rounds = 10;

    private protected override (int Cuts, int Failures) Steps => OperatingSystem.IsWindows() ? (17, 23) : (1, 2);

    private protected override CrashRun Begin(SimulatedFileSystem system, string home, int seed, string where) =>
        new Run(system, home, seed, where);

    private sealed class Run(SimulatedFileSystem system, string home, int seed, string where) : CrashRun
    {
        private static readonly string[] s_names = ["a", "b", "c"];

        private readonly Random _random = new(seed);
        private readonly List<Dictionary<string, (ulong Interval, long Value)>> _cuts = [];
        private readonly Dictionary<string, ulong> _reported = [];
        private Volume? _volume;
        private long _value;

        public override bool Check()
        {
            using Kernel kernel = Boot();
            Dictionary<string, HashSet<ulong>> kept = s_names.ToDictionary(
                name => name,
                name => kernel.Containers.All(record => record.Name != name)
                    ? []
                    : kernel.History(name).Select(version => version.Interval.Value).ToHashSet());
            bool isNewer = false;
            foreach ((string name, ulong reported) in _reported)
            {
                Assert.That(kept[name].Max(), Is.GreaterThanOrEqualTo(reported), $"{where}, {name}");
                isNewer |= kept[name].Max() > reported;
            }

            foreach (Dictionary<string, (ulong Interval, long Value)> cut in _cuts)
            {
                string[] there = [.. cut.Keys.Where(name => kept[name].Contains(cut[name].Interval))];
                Assert.That(
                    there, Has.Length.EqualTo(0).Or.Length.EqualTo(cut.Count),
                    $"{where}: of {string.Join(' ', cut)} there is only {string.Join(' ', there)}");
                foreach (string name in there)
                {
                    using Container version = kernel.OpenVersion(name, new StateInterval(cut[name].Interval));
                    Assert.That(version.View.Read<long>(0), Is.EqualTo(cut[name].Value), $"{where}, {name}");
                }
            }

            return isNewer;
        }

        protected override void Live()
        {
            using Kernel kernel = Boot();
            Dictionary<string, Container> all = s_names.ToDictionary(
                name => name, name => kernel.OpenContainer(name, Pages * PageNumber.Size));
            for (int i = 0; i < Rounds; i++)
            {
                Step(kernel, all);
            }
        }

        private void Step(Kernel kernel, Dictionary<string, Container> all)
        {
            // Two or three together, mostly; of one a snapshot is still being saved now and then.
            int count = _random.Next(5) == 0 ? 1 : _random.Next(2, 4);
            string[] names = [.. s_names.OrderBy(_ => _random.Next()).Take(count)];
            if (_random.Next(3) == 0)
            {
                Note(all, [names[0]]);
                all[names[0]].TakeSnapshot();
            }

            Note(all, names);
            try
            {
                Cut(kernel, all, names);
            }
            catch (KernelException) when (system.HasPower)
            {
                Told++;
                foreach (string name in names)
                {
                    Assert.That(all[name].View.Read<long>(0), Is.EqualTo(_cuts[^1][name].Value), where);
                }

                Note(all, names);
                Cut(kernel, all, names);                            // unless the volume is closed
            }
        }

        private void Note(Dictionary<string, Container> all, string[] names)
        {
            _value++;
            foreach (string name in names)
            {
                all[name].View.Write(0, _value);
                all[name].View.Write(_random.Next(Pages) * PageNumber.Size + 8, _value);
            }

            _cuts.Add(names.ToDictionary(name => name, name => (all[name].Interval.Value, _value)));
        }

        private void Cut(Kernel kernel, Dictionary<string, Container> all, string[] names)
        {
            IReadOnlyList<Snapshot> snapshots = kernel.TakeSnapshot([.. names.Select(name => all[name])]);
            List<KernelException> failures = [];
            foreach (Snapshot snapshot in snapshots)
            {
                try
                {
                    snapshot.WaitForDurable();
                }
                catch (KernelException failure)
                {
                    failures.Add(failure);
                }
            }

            Assert.That(failures, Has.Count.EqualTo(0).Or.Count.EqualTo(names.Length), where);
            if (failures.Count > 0)
            {
                throw failures[0];
            }

            for (int i = 0; i < names.Length; i++)
            {
                _reported[names[i]] = snapshots[i].Interval.Value;
            }
        }

        private Kernel Boot()
        {
            var options = new KernelOptions
            {
                OpenVolume = () => _volume = Volume.Open(home, new VolumeOptions { Create = true }, system),
                SnapshotOnDispose = false,
                LocusThreads = 1,
            };
            options.Managers.Add(
                "snapshotting", () => new SnapshottingManager(_volume!, new SnapshottingOptions { ReadAhead = 0 }));
            return Kernel.Boot(options);
        }
    }
}
