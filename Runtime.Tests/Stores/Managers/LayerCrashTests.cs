using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// Compressing over encrypting over a volume, while power goes or calls of the system fail: every version that is there
/// is whole, none that was reported is missing, and memory keeps what could not be saved.
/// </summary>
public class LayerCrashTests : ManagerCrashContract
{
    private const int Pages = 40;
    private const int Rounds = 14;

    private protected override (int Cuts, int Failures) Steps => OperatingSystem.IsWindows() ? (17, 23) : (2, 3);

    private protected override CrashRun Begin(SimulatedFileSystem system, string home, int seed, string where) =>
        new Run(system, home, seed, where);

    private sealed class Run(SimulatedFileSystem system, string home, int seed, string where) : CrashRun
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<ulong, byte[]> _versions = [];
        private byte[] _content = new byte[Pages * PageNumber.Size];
        private ulong _reported;
        private Volume? _volume;

        public override bool Check()
        {
            using Kernel kernel = Boot();
            if (kernel.Containers.All(record => record.Name != "a"))
            {
                Assert.That(_reported, Is.Zero, where);
                return false;
            }

            IReadOnlyList<SnapshotInfo> history = kernel.History("a");
            ulong newest = history.Count == 0 ? 0 : history[^1].Interval.Value;
            Assert.That(newest, Is.GreaterThanOrEqualTo(_reported), where);
            foreach (SnapshotInfo kept in history)
            {
                using Container version = kernel.OpenVersion("a", kept.Interval);
                AssertHolds(version, _versions[kept.Interval.Value], $"{where}, version {kept.Interval}");
            }

            using Container container = kernel.OpenContainer("a", maximumLength: 4 * _content.Length);
            AssertHolds(
                container,
                newest == 0 ? new byte[Pages * PageNumber.Size] : _versions[newest],
                $"{where}, at the newest version");

            // And it goes on from there.
            container.View.Write(0, 99);
            container.TakeSnapshot().WaitForDurable();
            return newest > _reported;
        }

        protected override void Live()
        {
            using Kernel kernel = Boot();
            Container container = kernel.OpenContainer(
                "a", _content.Length, "compressing", maximumLength: 4 * _content.Length);
            for (int i = 0; i < Rounds; i++)
            {
                Step(container);
            }
        }

        private void Step(Container container)
        {
            for (int i = _random.Next(1, 12); i > 0; i--)
            {
                int offset = _random.Next(_content.Length);
                Span<byte> part = _content.AsSpan(offset, Math.Min(_random.Next(1, 9000), _content.Length - offset));
                if (_random.Next(2) == 0)
                {
                    _random.NextBytes(part);
                }
                else
                {
                    part.Fill((byte)_random.Next(3));
                }

                container.View.Write(offset, part);
            }

            if (_random.Next(4) == 0)
            {
                foreach (int pages in (int[])[_random.Next(1, Pages), _random.Next(1, 2 * Pages)])
                {
                    Array.Resize(ref _content, pages * PageNumber.Size - 100);
                    container.Resize(_content.Length);
                }
            }

            // It may be there though the save is said to have failed: power can go behind its commit.
            _versions[container.Interval.Value] = [.. _content];
            try
            {
                Snapshot snapshot = container.TakeSnapshot();
                snapshot.WaitForDurable();
                _reported = snapshot.Interval.Value;
            }
            catch (KernelException) when (system.HasPower)
            {
                Told++;
                AssertHolds(container, _content, $"{where}, in memory");
                _versions[container.Interval.Value] = [.. _content];
                container.TakeSnapshot().WaitForDurable();          // unless the volume is closed
                _reported = container.Interval.Value - 1;
            }
        }

        private void AssertHolds(Container container, byte[] content, string what)
        {
            Assert.That(container.Length, Is.EqualTo(content.Length), what);
            byte[] found = new byte[content.Length];
            container.View.Read(0, found);
            int same = found.AsSpan().CommonPrefixLength(content);
            Assert.That(same, Is.EqualTo(content.Length), $"{what}: differs in page {same / 4096}");
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
            options.Managers.Add("encrypting", () => new EncryptingManager(new byte[EncryptingManager.KeySize]));
            options.Managers.Add(
                "compressing", () => new CompressingManager(new CompressingOptions { Below = "encrypting" }));
            return Kernel.Boot(options);
        }
    }
}
