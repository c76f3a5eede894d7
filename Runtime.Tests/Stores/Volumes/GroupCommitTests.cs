using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Native;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Commits of several threads, of which those that wait for one under way are made together.</summary>
public class GroupCommitTests
{
    private const int Followers = 7;

    private SimulatedDisk _disk = null!;
    private HeldDisk _held = null!;
    private Volume _volume = null!;

    [SetUp]
    public void CreateVolume()
    {
        _disk = new SimulatedDisk();
        _held = new HeldDisk(_disk);
        _volume = Volume.Open(_held, new VolumeOptions { Create = true });
        for (int i = 0; i <= Followers; i++)
        {
            _volume.Create($"c{i}", 1 << 20, "m");
        }
    }

    [TearDown]
    public void DisposeVolume()
    {
        _volume.Dispose();
        _held.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void Those_who_wait_share_one_commit()
    {
        Exception?[] failures = CommitTogether(prepare: () => { });
        Assert.That(failures, Is.All.Null);
        Assert.That(_held.Flushes, Is.EqualTo(4), "two of the first commit, two of all others");
        for (int i = 0; i <= Followers; i++)
        {
            AssertCommitted(i, true);
        }

        Assert.That(_volume.Verify().Damages, Is.Empty);
        Assert.That(_volume.Statistics.InUse, Is.LessThan(100));
    }

    [Test]
    public void If_they_cannot_be_committed_together_each_is_by_itself()
    {
        // Call 1 is the flush that is let go, 2 and 3 the superblock's; 4 writes the group's blocks.
        Exception?[] failures = CommitTogether(prepare: () =>
            _held.OnFlush = () => _disk.FailAtCall(_disk.Calls + 4, Status.NoResources));
        Assert.That(failures, Is.All.Null, "the group's failure is that of none of them");
        Assert.That(_held.Flushes, Is.EqualTo(2 * (Followers + 1)));
        Assert.That(_volume.IsReadOnly, Is.False);
        for (int i = 0; i <= Followers; i++)
        {
            AssertCommitted(i, true);
        }

        Assert.That(_volume.Verify().Damages, Is.Empty);
    }

    [Test]
    public void What_is_wrong_with_one_fails_it_alone()
    {
        // It stands on a draft that is not committed.
        Exception?[] failures = CommitTogether(() => { }, (index, draft) => index == 3 ? draft.Continue() : draft);
        Assert.That(failures[3], Is.InstanceOf<InvalidOperationException>());
        Assert.That(failures.Where((_, index) => index != 3), Is.All.Null);
        AssertCommitted(3, false);
        AssertCommitted(4, true);
        Assert.That(_volume.Verify().Damages, Is.Empty);
    }

    [Test]
    public void A_failed_flush_fails_all_of_them_and_closes_the_volume_for_writing()
    {
        Exception?[] failures = CommitTogether(prepare: () => _held.FailsAfter = 3);
        Assert.That(failures[0], Is.Null, "it was durable before");
        Assert.That(failures[1..], Is.All.InstanceOf<VolumeException>());
        Assert.That(_volume.IsReadOnly);
        AssertCommitted(0, true);
        for (int i = 1; i <= Followers; i++)
        {
            AssertCommitted(i, false);
        }
    }

    [Test]
    public void Many_threads_commit_again_and_again_beside_changes_of_other_kinds()
    {
        const int Rounds = 40;
        Team.Run(Followers + 1, index =>
        {
            var driver = new VolumeDriver(_volume);
            string name = $"own {index}";
            driver.Create(name, 1 << 20);
            for (int round = 1; round <= Rounds; round++)
            {
                driver.Commit(name, new() { [(ulong)index] = round, [(ulong)round] = index + 1 });
                if (round % 10 == 0)
                {
                    driver.Discard(name, (ulong)(round - 5));
                    driver.Restore(name, (ulong)(round - 1));
                }
            }

            Assert.That(
                driver.Reported.Containers[name].DifferenceTo(_volume, _volume.Find(name)!), Is.Null, name);
        });
        Assert.That(_volume.Verify().Damages, Is.Empty);
    }

    /// <summary>Lets one thread commit and holds its flush until all others wait.</summary>
    /// <returns>What each thread got.</returns>
    private Exception?[] CommitTogether(Action prepare, Func<int, VersionDraft, VersionDraft>? choose = null)
    {
        var failures = new Exception?[Followers + 1];
        _held.Flushes = 0;
        _held.Hold();
        prepare();
        var threads = new List<Thread>();
        foreach (int index in Enumerable.Range(0, Followers + 1))
        {
            VersionDraft draft = _volume.OpenDraft(_volume.Find($"c{index}")!);
            draft.Write(new PageNumber(0), VolumeModel.Page(index + 1));
            VersionDraft chosen = choose?.Invoke(index, draft) ?? draft;
            var thread = new Thread(() =>
            {
                try
                {
                    _volume.Commit(chosen, DateTimeOffset.UnixEpoch).Dispose();
                }
                catch (Exception failure)
                {
                    failures[index] = failure;
                    chosen.Dispose();
                    draft.Dispose();
                }
            });
            threads.Add(thread);
            thread.Start();
            if (threads.Count == 1)
            {
                _held.WaitUntilHeld();
            }
        }

        SpinWait.SpinUntil(() => threads.TrueForAll(
            thread => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin)));
        _held.LetGo();
        threads.ForEach(thread => thread.Join());
        return failures;
    }

    private void AssertCommitted(int index, bool isCommitted)
    {
        using VersionMap map = _volume.OpenMap(_volume.Find($"c{index}")!);
        Assert.That(map.Interval.Value, Is.EqualTo(isCommitted ? 1 : 0), $"c{index}");
    }

    /// <summary>A disk whose next flush waits until it is let go.</summary>
    private sealed class HeldDisk(IDisk disk) : IDisk
    {
        private readonly ManualResetEventSlim _go = new(initialState: true);
        private readonly ManualResetEventSlim _isHeld = new();

        public int Flushes { get; set; }

        /// <summary>From which flush on, counted from 1, they fail.</summary>
        public int FailsAfter { get; set; } = int.MaxValue;

        /// <summary>Called once, when the first flush has been let go.</summary>
        public Action? OnFlush { get; set; }

        public long BlockCount => disk.BlockCount;

        public bool IsReadOnly => false;

        public void Hold()
        {
            _isHeld.Reset();
            _go.Reset();
        }

        public void LetGo() => _go.Set();

        public void WaitUntilHeld() => _isHeld.Wait();

        public void ReadBlocks(BlockNumber first, Span<byte> destination) => disk.ReadBlocks(first, destination);

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source) => disk.WriteBlocks(first, source);

        public void Allocate(BlockNumber first, long count) => disk.Allocate(first, count);

        public void Flush()
        {
            Flushes++;
            _isHeld.Set();
            _go.Wait();
            if (OnFlush is { } prepare)
            {
                OnFlush = null;
                prepare();
            }

            if (Flushes >= FailsAfter)
            {
                throw new VolumeException(Status.IoError, "simulated: the flush failed");
            }

            disk.Flush();
        }

        public void Dispose()
        {
            _go.Dispose();
            _isHeld.Dispose();
        }
    }
}
