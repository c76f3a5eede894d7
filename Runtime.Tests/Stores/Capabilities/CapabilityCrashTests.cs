using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Capabilities;

/// <summary>
/// Power goes at every call of the system while capabilities are derived, copied and destroyed and versions are saved:
/// afterwards each container's table, groups and point are those of its newest durable version.
/// </summary>
public class CapabilityCrashTests
{
    private const int Containers = 3;
    private const int Steps = 60;

    [Test, Deadline(300)]
    public void At_every_call([Values(1, 2, 3)] int seed)
    {
        using var directory = new TemporaryDirectory();
        int step = OperatingSystem.IsWindows() ? 23 : 1;
        int calls = 0;
        int newer = 0;
        for (int call = 1; ; call += step)
        {
            var run = new Run(directory.Path, Path.Combine(directory.Path, $"{call}"), seed, call);
            bool wasCut = run.ToTheCut();
            newer += run.Check() ? 1 : 0;
            calls++;
            if (!wasCut)
            {
                break;
            }
        }

        TestContext.Out.WriteLine($"seed {seed}: {calls} power cuts, {newer} with a version beyond the one reported");
        Assert.That(calls, Is.GreaterThan(100 / step));
    }

    private sealed class Run(string root, string home, int seed, int call)
    {
        private readonly SimulatedFileSystem _system = new(root, seed * 100_000 + call) { PowerCutAtCall = call };
        private readonly Random _random = new(seed);

        // What each version of each container holds, from the moment when it is cut, and the newest that was reported.
        private readonly Dictionary<(string Container, ulong Interval), string> _versions = [];
        private readonly Dictionary<string, ulong> _reported = [];
        private readonly HashSet<ulong> _numbers = [];
        private Volume? _volume;

        /// <returns>Whether power went on the way.</returns>
        internal bool ToTheCut()
        {
            try
            {
                using Kernel kernel = Boot(snapshotOnDispose: false);
                Container[] containers = [.. Enumerable.Range(0, Containers).Select(index =>
                    kernel.OpenContainer($"c{index}", 1 << 20))];
                for (int i = 0; i < Steps; i++)
                {
                    Do(kernel, containers);
                }
            }
            catch (Exception e) when (!_system.HasPower && e is KernelException or AggregateException)
            {
            }

            return !_system.HasPower;
        }

        /// <returns>Whether a version is there that nobody had been told of.</returns>
        internal bool Check()
        {
            _system.CutPower();
            _system.Restart();
            bool isNewer = false;
            using Kernel kernel = Boot(snapshotOnDispose: false);
            foreach (string name in kernel.Containers.Select(record => record.Name).ToArray())
            {
                ulong newest = kernel.History(name).Select(version => version.Interval.Value).DefaultIfEmpty().Max();
                ulong reported = _reported.GetValueOrDefault(name);
                Assert.That(newest, Is.GreaterThanOrEqualTo(reported), $"seed {seed}, call {call}, {name}");
                isNewer |= newest > reported;
                string expected = newest == 0 ? string.Empty : _versions[(name, newest)];
                Assert.That(
                    Groups(kernel, name),
                    Is.EqualTo(Named(kernel, kernel.EntityOf(name), GroupsOf(expected))),
                    $"seed {seed}, call {call}, {name}, {newest}");
                AssertTable(kernel, name, expected);
            }

            foreach (string name in _reported.Keys)
            {
                Assert.That(kernel.Containers.Select(record => record.Name), Does.Contain(name));
                using Capability capability = kernel.GetCapability(name);
                using Capability derived = capability.Derive(KernelRights.All);
                Assert.That(
                    _numbers, Does.Not.Contain(kernel.Capabilities.HostTable.Find(derived.Reference.Index)!.Number),
                    $"seed {seed}, call {call}: a number was given out again");
            }

            return isNewer;
        }

        private void Do(Kernel kernel, Container[] containers)
        {
            Container one = containers[_random.Next(Containers)];
            Container other = containers[_random.Next(Containers)];
            uint slot = (uint)_random.Next(6);
            switch (_random.Next(9))
            {
                case < 3:
                    using (Capability master = other.GetCapability())
                    using (Capability derived = master.Derive((KernelRights)_random.Next(1 << 10), userRights: slot))
                    {
                        one.Grant(slot, derived);
                        Note(kernel);
                    }

                    break;
                case 3:
                    if (one.Entity!.Table.Find(slot) is { } copied)
                    {
                        kernel.Capabilities.Put(new In(kernel, other.Entity!), CapRef.Container(slot), copied);
                    }

                    break;
                case 4:
                    if (one.Entity!.Table.Find(slot) is { } found)
                    {
                        uint host = kernel.Capabilities.Add(kernel.Capabilities.HostTable, found)!.Value;
                        kernel.Calls.GroupDestroy(CapRef.Locus(host));
                        kernel.Capabilities.Clear(kernel.Capabilities.HostTable, host);
                    }

                    break;
                case 5:
                    one.SetInvocationPoint(slot % 2 == 0 ? "one" : "two");
                    break;
                case 6:
                    one.View.Write(slot * PageNumber.Size, (long)slot);
                    break;
                case 7:
                    Save([one]);
                    break;
                default:
                    Save([.. containers]);
                    break;
            }
        }

        private void Save(Container[] containers)
        {
            // What is cut is what is there now: nobody else changes anything. One may be cut, and even saved, though
            // power goes before all are.
            foreach (Container container in containers)
            {
                _versions[(container.Name, container.Interval.Value)] = State(container);
            }

            IReadOnlyList<Snapshot> snapshots = containers[0].Entity!.Kernel.TakeSnapshot(containers);
            for (int i = 0; i < containers.Length; i++)
            {
                snapshots[i].WaitForDurable();
                _reported[containers[i].Name] = snapshots[i].Interval.Value;
            }
        }

        private void Note(Kernel kernel)
        {
            foreach (Container container in kernel.Containers.Select(record => kernel.EntityOf(record.Name).Open!))
            {
                _numbers.UnionWith(container.Entity!.GroupsUnsynchronized.Select(group => group.Number));
            }

            _numbers.Remove(0);
        }

        private Kernel Boot(bool snapshotOnDispose)
        {
            var options = new KernelOptions
            {
                OpenVolume = () => _volume = Volume.Open(home, new VolumeOptions { Create = true }, _system),
                SnapshotOnDispose = snapshotOnDispose,
                LocusThreads = 1,
            };
            options.Managers.Add(
                "snapshotting", () => new SnapshottingManager(_volume!, new SnapshottingOptions { ReadAhead = 0 }));
            options.Entries.Add("one", locus => locus.Return());
            options.Entries.Add("two", locus => locus.Return());
            return Kernel.Boot(options);
        }

        private static string State(Container container) => State(container.Entity!);

        private static string State(ContainerEntity entity) =>
            $"{entity.EntryName};{Groups(entity)};" + string.Join(
                ',', entity.Table.All().Select(slot =>
                    $"{slot.Index}:{slot.Group.Entity.Id}:{slot.Group.Number}:{slot.Group.Rights:d}"));

        private static string Groups(Kernel kernel, string name) =>
            $"{kernel.EntityOf(name).EntryName};{Groups(kernel.EntityOf(name))}";

        private static string Groups(ContainerEntity entity) => string.Join(
            ',', entity.GroupsUnsynchronized.Select(
                group => $"{group.Number}<{group.Parent?.Number}:{group.Rights:d}:{group.UserRights}"));

        private static string GroupsOf(string state) => state.Length == 0
            ? $";0<:{KernelRights.All:d}:{uint.MaxValue}"
            : state[..state.LastIndexOf(';')];

        /// <summary>
        /// Of the groups of a version those that slots of any container name now, and those above them.
        /// </summary>
        private static string Named(Kernel kernel, ContainerEntity entity, string groups)
        {
            string[] parts = groups.Split(';', 2);
            (string Text, ulong Number, ulong? Parent)[] all =
                [.. parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
            var kept = kernel.Containers.SelectMany(record => kernel.EntityOf(record.Name).Table.All())
                .Where(slot => slot.Group.Entity == entity)
                .Select(slot => slot.Group.Number)
                .ToHashSet();
            foreach ((_, ulong number, ulong? parent) in all.OrderByDescending(group => group.Number))
            {
                if (parent is null)
                {
                    kept.Add(number);
                }
                else if (kept.Contains(number))
                {
                    kept.Add(parent.Value);
                }
            }

            return $"{parts[0]};" + string.Join(
                ',', all.Where(group => kept.Contains(group.Number)).Select(group => group.Text));
        }

        private static (string Text, ulong Number, ulong? Parent) Parse(string group)
        {
            string[] parts = group.Split('<', ':');
            return (group, ulong.Parse(parts[0], null), parts[1].Length == 0 ? null : ulong.Parse(parts[1], null));
        }

        /// <summary>
        /// The slots of that version whose groups the other containers' versions have, and no others.
        /// </summary>
        private void AssertTable(Kernel kernel, string name, string state)
        {
            string[] slots = state.Length == 0 ? [] : state[(state.LastIndexOf(';') + 1)..].Split(
                ',', StringSplitOptions.RemoveEmptyEntries);
            string[] expected = [.. slots.Where(slot =>
            {
                string[] parts = slot.Split(':');
                return kernel.Containers
                    .Where(record => record.Id == ulong.Parse(parts[1], null))
                    .Any(record => kernel.EntityOf(record.Name).FindGroupUnsynchronized(ulong.Parse(parts[2], null))
                        is not null);
            })];
            string found = State(kernel.EntityOf(name));
            Assert.That(
                found[(found.LastIndexOf(';') + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries),
                Is.EqualTo(expected),
                $"seed {seed}, call {call}, the table of {name}");
        }

        private sealed class In(Kernel kernel, ContainerEntity host) : Caller
        {
            internal override CapabilityTable Table => kernel.Capabilities.HostTable;

            internal override ContainerEntity? Host => host;
        }
    }
}
