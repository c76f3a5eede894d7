using System.Collections.Concurrent;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>Containers that are cut together are made durable together, or none of them is.</summary>
public class JointCutTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Many = 12;                                    // more than there are threads that save

    /// <summary>So that pages leave memory while cuts are saved.</summary>
    protected override long? MemoryBudget => OperatingSystem.IsWindows() ? null : 1 << 20;

    [SetUp]
    public void Join() => Manager.Joins = true;

    [TearDown]
    public void Forget() => Manager.OnCommit = null;

    [Test, Deadline(60)]
    public void They_are_one_commit_and_none_is_durable_before_it()
    {
        Container[] all = [Open("a"), Open("b"), Open("c")];
        var commits = new ConcurrentQueue<int>();
        IReadOnlyList<Snapshot>? snapshots = null;
        using var isCut = new ManualResetEventSlim();
        bool wasDurable = false;
        Manager.OnCommit = members =>
        {
            isCut.Wait();
            commits.Enqueue(members.Count);
            wasDurable |= snapshots!.Any(snapshot => snapshot.IsDurable);
            return Status.Success;
        };
        Write(all, 1);
        snapshots = Kernel.TakeSnapshot(all);
        isCut.Set();
        snapshots[1].WaitForDurable();
        foreach (Snapshot snapshot in snapshots)
        {
            snapshot.WaitForDurable();
        }

        Assert.That(commits, Is.EqualTo([3]));
        Assert.That(wasDurable, Is.False);
    }

    [Test, Deadline(60)]
    public void More_of_them_than_threads_that_save_come_to_an_end_though_nobody_waits()
    {
        Container[] all = [.. Enumerable.Range(0, Many).Select(i => Open($"c{i}"))];
        Write(all, 1);
        IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot(all);
        Assert.That(() => snapshots.All(snapshot => snapshot.IsDurable), Is.True.After(30_000, 5));
    }

    [Test, Deadline(60)]
    public void If_one_cannot_be_saved_none_is_durable_and_the_next_cut_saves_them_all()
    {
        Container[] all = [Open("a"), Open("b"), Open("c")];
        int saves = 0;
        int commits = 0;
        Manager.OnSave = _ => Interlocked.Increment(ref saves) == 2 ? Status.NoResources : Status.Success;
        Manager.OnCommit = _ =>
        {
            commits++;
            return Status.Success;
        };
        Write(all, 1);
        AssertFail(Kernel.TakeSnapshot(all), Status.NoResources);
        Assert.That(commits, Is.Zero);
        AssertNextIsDurable(all);
        Assert.That(commits, Is.EqualTo(1));
    }

    [Test, Deadline(60)]
    public void If_the_commit_fails_none_is_durable_and_the_next_cut_saves_them_all()
    {
        Container[] all = [Open("a"), Open("b"), Open("c")];
        Manager.OnCommit = _ => Status.IoError;
        Write(all, 1);
        AssertFail(Kernel.TakeSnapshot(all), Status.IoError);
        Manager.OnCommit = null;
        AssertNextIsDurable(all);
    }

    [Test, Deadline(60)]
    public void A_manager_that_throws_at_the_commit_is_not_asked_about_any_of_them_again()
    {
        Container[] all = [Open("a"), Open("b")];
        using Container other = Open("other");
        Manager.OnCommit = _ => throw new InvalidOperationException("no");
        Write(all, 1);
        AssertFail(Kernel.TakeSnapshot(all), Status.ManagerFailed);
        Assert.That(all, Has.All.Property(nameof(Container.Quarantine)).Not.Null);
        Assert.That(other.Quarantine, Is.Null);
        Array.ForEach(all, container => container.Abandon());
    }

    [Test, Deadline(60)]
    public void What_comes_to_nothing_with_an_older_snapshot_takes_those_along_that_were_cut_with_it()
    {
        Container[] all = [Open("a"), Open("b")];
        using var mayGoOn = new ManualResetEventSlim();
        int saves = 0;
        Manager.OnSave = _ =>
        {
            if (Interlocked.Increment(ref saves) > 1)
            {
                return Status.Success;
            }

            mayGoOn.Wait();
            return Status.NoResources;
        };
        Write([all[0]], 1);
        Snapshot older = all[0].TakeSnapshot();
        Assert.That(() => Volatile.Read(ref saves), Is.EqualTo(1).After(30_000, 1));
        Write(all, 2);
        IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot(all);
        Write([all[1]], 3);
        Snapshot newer = all[1].TakeSnapshot();
        mayGoOn.Set();
        AssertFail([older, .. snapshots, newer], Status.NoResources);
        Assert.That(all, Has.All.Property(nameof(Container.Quarantine)).Null);
        AssertNextIsDurable(all);
    }

    [Test, Deadline(60)]
    public void Snapshots_behind_wait_for_all_and_closing_waits_for_them()
    {
        Container a = Open("a");
        Container b = Open("b");
        using var mayGoOn = new ManualResetEventSlim();
        int saved = 0;
        Manager.OnSave = _ =>
        {
            if (Interlocked.Increment(ref saved) == 1)
            {
                mayGoOn.Wait();
            }

            return Status.Success;
        };
        Write([b], 1);
        Snapshot first = b.TakeSnapshot();                          // keeps b from being saved
        Assert.That(() => Volatile.Read(ref saved), Is.EqualTo(1).After(30_000, 1));
        Write([a, b], 2);
        IReadOnlyList<Snapshot> joint = Kernel.TakeSnapshot([a, b]);
        Assert.That(() => Volatile.Read(ref saved), Is.EqualTo(2).After(30_000, 1), "a has its pages saved");
        Write([a], 3);
        Snapshot single = a.TakeSnapshot();
        var closing = new Thread(a.Dispose);
        closing.Start();
        Assert.That(new[] { first, joint[0], joint[1], single }, Has.All.Property(nameof(Snapshot.IsDurable)).False);
        mayGoOn.Set();
        closing.Join();
        joint[1].WaitForDurable();                                  // closing waits for those of its container only
        Assert.That(new[] { first, joint[0], joint[1], single }, Has.All.Property(nameof(Snapshot.IsDurable)).True);
        b.Dispose();
    }

    /// <summary>Any cuts and failures, with writers, and memory that is too small for all of it.</summary>
    [Test, Deadline(240)]
    public void Whatever_is_done_meanwhile_all_comes_to_an_end_and_none_is_durable_alone([Values(1, 2, 3)] int seed)
    {
        const int Pages = 200;
        int rounds = OperatingSystem.IsWindows() ? 20 : 150;
        string[] names = ["a", "b", "c", "d"];
        var failing = new Random(seed);
        Manager.OnSave = _ => Chance(failing, 12) ? Status.NoResources : Status.Success;
        Manager.OnCommit = _ => Chance(failing, 12) ? Status.IoError : Status.Success;
        var failures = new ConcurrentQueue<Exception>();
        Container[] all = [.. names.Select(name => Open(name, Pages))];
        Array.ForEach(all, Wine.TouchChunks);
        using var stop = new CancellationTokenSource();
        Thread[] writers = [.. all.Select((container, index) => new Thread(() => Guard(failures, () =>
        {
            var random = new Random(seed * 10 + index);
            while (!stop.IsCancellationRequested)
            {
                container.View.Write(random.Next(Pages) * PageNumber.Size, random.Next());
            }
        })))];
        Thread[] cutters = [.. Enumerable.Range(0, 3).Select(index => new Thread(() => Guard(failures, () =>
        {
            var random = new Random(seed * 100 + index);
            for (int round = 0; round < rounds; round++)
            {
                Cut([.. all.OrderBy(_ => random.Next()).Take(random.Next(1, 5))], waits: random.Next(2) == 0);
                if (random.Next(10) == 0)
                {
                    all[random.Next(all.Length)].WaitForSaves();
                }
            }
        })))];
        Array.ForEach(writers, thread => thread.Start());
        Array.ForEach(cutters, thread => thread.Start());
        Array.ForEach(cutters, thread => thread.Join());
        stop.Cancel();
        Array.ForEach(writers, thread => thread.Join());
        Assert.That(failures, Is.Empty, $"seed {seed}");
        Manager.OnSave = null;
        Manager.OnCommit = null;
        Array.ForEach(all, container => container.Dispose());
    }

    private void Cut(Container[] some, bool waits)
    {
        IReadOnlyList<Snapshot> snapshots = Kernel.TakeSnapshot(some);
        if (!waits)
        {
            return;
        }

        foreach (Snapshot snapshot in snapshots)
        {
            snapshot.Wait();
        }

        Assert.That(
            snapshots.Count(snapshot => snapshot.IsDurable), Is.EqualTo(0).Or.EqualTo(snapshots.Count), "all or none");
    }

    private static bool Chance(Random random, int one)
    {
        lock (random)
        {
            return random.Next(one) == 0;
        }
    }

    private static void Guard(ConcurrentQueue<Exception> failures, Action work)
    {
        try
        {
            work();
        }
#pragma warning disable CA1031 // Whatever it is, the test shows it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            failures.Enqueue(failure);
        }
    }

    private static void Write(Container[] containers, int value) =>
        Array.ForEach(containers, container => container.View.Write(0, value));

    private static void AssertFail(IReadOnlyList<Snapshot> snapshots, Status status)
    {
        foreach (Snapshot snapshot in snapshots)
        {
            Assert.That(
                () => snapshot.WaitForDurable(),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(status));
        }
    }

    private void AssertNextIsDurable(Container[] all)
    {
        foreach (Snapshot snapshot in Kernel.TakeSnapshot(all))
        {
            snapshot.WaitForDurable();
            Assert.That(snapshot.Info.PagesChanged, Is.EqualTo(1));
        }
    }
}
