using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>A manager that does not come back from saving: nothing is lost, and nobody waits for ever.</summary>
public class HangingSaveTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const long Pages = 12;
    private static readonly TimeSpan s_deadline = TimeSpan.FromMilliseconds(500);

    private ManualResetEventSlim _mayGoOn = null!;
    private ManualResetEventSlim _hasReturned = null!;

    [SetUp]
    public void BootWithDeadline()
    {
        _mayGoOn = new ManualResetEventSlim();
        _hasReturned = new ManualResetEventSlim();
        Kernel.Dispose();
        Boot(TimeSpan.FromSeconds(30), s_deadline);
    }

    [TearDown]
    public void Release()
    {
        _mayGoOn.Set();
        _mayGoOn.Dispose();
        _hasReturned.Dispose();
    }

    [Test, Deadline(60)]
    public async Task The_snapshot_fails_what_was_written_stays_and_another_manager_takes_over(
        [Values("before it has a page", "with pages", "with copies")] string when)
    {
        Container container = Open();
        Write(container, value: 1);
        container.TakeSnapshot().WaitForDurable();
        Write(container, value: 2);
        Snapshot snapshot = await HangAsync(container, when);

        KernelException failure = (await Assert.ThrowsAsync<KernelException>(() => snapshot.WaitForDurableAsync()))!;
        Assert.That(failure.Status, Is.EqualTo(Status.DeadlineExceeded));
        Assert.That(failure.Message, Does.Contain("'a'").And.Contain("500 ms"));
        Assert.That(container.Quarantine, Is.SameAs(failure));
        AssertHolds(container, when == "with copies" ? 3 : 2);
        Write(container, value: 4);

        Kernel.SetManager("a", "heir");
        Snapshot next = container.TakeSnapshot();
        await next.WaitForDurableAsync();
        _mayGoOn.Set();
        Assert.That(_hasReturned.Wait(TimeSpan.FromSeconds(30)));   // whatever it did last changes nothing
        AssertHolds(container, value: 4);
        using (Container version = Kernel.OpenVersion("a", next.Interval))
        {
            AssertHolds(version, value: 4);
        }

        Write(container, value: 5);
        (await container.SnapshotAsync()).WaitForDurable();
        Assert.That(Kernel.History("a").Select(version => version.Interval), Has.None.EqualTo(snapshot.Interval));
    }

    [Test, Deadline(60)]
    public async Task What_it_may_still_be_looking_at_stays_in_memory_until_it_returns()
    {
        Container container = Open();
        Write(container, value: 1);
        Snapshot first = container.TakeSnapshot();
        first.WaitForDurable();
        Write(container, value: 2);
        Snapshot snapshot = await HangAsync(container, "with pages");
        await Assert.ThrowsAsync<KernelException>(() => snapshot.WaitForDurableAsync());
        Kernel.SetManager("a", "heir");
        container.TakeSnapshot().WaitForDurable();

        Assert.That(
            () => container.Restore(first.Interval),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
        Assert.That(
            () => container.Resize(PageNumber.Size),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
        AssertHolds(container, value: 2);
        _mayGoOn.Set();
        Assert.That(_hasReturned.Wait(TimeSpan.FromSeconds(30)));
        while (true)
        {
            try
            {
                container.Restore(first.Interval);
                break;
            }
            catch (KernelException busy) when (busy.Status == Status.Busy)
            {
                Thread.Yield();                                     // it has returned, and is about to let go
            }
        }

        AssertHolds(container, value: 1);
    }

    [Test, Deadline(60)]
    public async Task The_kernel_can_be_disposed_meanwhile()
    {
        Container container = Open();
        Write(container, value: 1);
        Snapshot snapshot = await HangAsync(container, "before it has a page");
        await Assert.ThrowsAsync<KernelException>(() => snapshot.WaitForDurableAsync());
        Kernel.SetManager("a", "heir");
        container.TakeSnapshot().WaitForDurable();
        Container other = Open("b");
        Write(other, value: 7);
        _mayGoOn.Set();                                             // or closing waits for the upcall, up to its limit
        Kernel.Dispose();
        Assert.That(Kernel.Statistics.MemoryInUse, Is.Zero);
    }

    [Test, Deadline(60)]
    public async Task Those_cut_together_with_it_fail_with_it_and_go_on()
    {
        Manager.Joins = true;
        Container container = Open();
        Container other = Open("b");
        Write(container, value: 1);
        Write(other, value: 1);
        int saves = 0;
        Manager.OnSave = _ =>
        {
            if (Interlocked.Increment(ref saves) == 1)
            {
                _mayGoOn.Wait();
            }

            return Status.Success;
        };
        IReadOnlyList<Snapshot> snapshots = await Kernel.SnapshotAsync([container, other]);
        foreach (Snapshot snapshot in snapshots)
        {
            KernelException failure =
                (await Assert.ThrowsAsync<KernelException>(() => snapshot.WaitForDurableAsync()))!;
            Assert.That(failure.Status, Is.EqualTo(Status.DeadlineExceeded));
        }

        Container hung = container.Quarantine is null ? other : container;
        Container fine = hung == container ? other : container;
        Assert.That(hung.Quarantine, Is.Not.Null);
        Assert.That(fine.Quarantine, Is.Null);
        AssertHolds(container, value: 1);
        AssertHolds(other, value: 1);
        fine.TakeSnapshot().WaitForDurable();
        _mayGoOn.Set();
        hung.Abandon();
    }

    [Test, Deadline(60)]
    public async Task Those_whose_one_commit_hangs_fail()
    {
        Manager.Joins = true;
        Container container = Open();
        Container other = Open("b");
        Write(container, value: 1);
        Write(other, value: 1);
        Manager.OnCommit = _ =>
        {
            _mayGoOn.Wait();
            return Status.Success;
        };
        foreach (Snapshot snapshot in await Kernel.SnapshotAsync([container, other]))
        {
            KernelException failure =
                (await Assert.ThrowsAsync<KernelException>(() => snapshot.WaitForDurableAsync()))!;
            Assert.That(failure.Status, Is.EqualTo(Status.DeadlineExceeded));
        }

        AssertHolds(container, value: 1);
        AssertHolds(other, value: 1);
        _mayGoOn.Set();
        container.Abandon();
        other.Abandon();
    }

    [Test, Deadline(60)]
    public async Task A_shrink_meanwhile_waits_for_the_save_and_is_refused()
    {
        Container container = Open();
        Write(container, value: 1);
        await HangAsync(container, "with pages");
        Assert.That(
            () => container.Resize(PageNumber.Size),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
        AssertHolds(container, value: 1);
        _mayGoOn.Set();
        container.Abandon();
    }

    [Test, Deadline(60)]
    public async Task One_that_comes_back_is_told_and_may_be_given_the_container_again()
    {
        Container container = Open();
        Write(container, value: 1);
        Snapshot snapshot = await HangAsync(container, "with pages");
        await Assert.ThrowsAsync<KernelException>(() => snapshot.WaitForDurableAsync());
        _mayGoOn.Set();
        Assert.That(_hasReturned.Wait(TimeSpan.FromSeconds(30)));
        Assert.That(() => Manager.Abandoned, Is.EqualTo(1).After(30_000, 1));
        Manager.OnSavePage = null;
        Kernel.SetManager("a", "versioned");
        Write(container, value: 2);
        container.TakeSnapshot().WaitForDurable();
        AssertHolds(container, value: 2);
        Assert.That(Kernel.History("a"), Has.Count.EqualTo(1));
    }

    [Test, Deadline(60)]
    public void One_that_is_slow_and_gives_signs_is_waited_for()
    {
        Container container = Open();
        Write(container, value: 1);
        Manager.OnSavePage = _ => Thread.Sleep(s_deadline * 0.4);   // for three pages
        container.TakeSnapshot().WaitForDurable();
        Assert.That(container.Quarantine, Is.Null);
    }

    [Test]
    public void A_deadline_that_makes_no_sense_is_refused([Values(0, -1)] int milliseconds)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => throw new InvalidOperationException(),
            SaveDeadline = TimeSpan.FromMilliseconds(milliseconds),
        };
        Assert.That(() => Kernel.Boot(options), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    /// <summary>Cuts, and has the manager hang in the save.</summary>
    private async Task<Snapshot> HangAsync(Container container, string when)
    {
        var isAsked = new ManualResetEventSlim();
        var mayTake = new ManualResetEventSlim();
        void Hang()
        {
            isAsked.Set();
            _mayGoOn.Wait();
            _hasReturned.Set();
        }

        if (when == "before it has a page")
        {
            Manager.OnSave = _ =>
            {
                Hang();
                return Status.Success;
            };
        }
        else
        {
            Manager.OnSave = _ =>
            {
                mayTake.Wait();
                return Status.Success;
            };
            Manager.OnSavePage = _ => Hang();
        }

        Snapshot snapshot = await container.SnapshotAsync();
        if (when == "with copies")
        {
            Write(container, value: 3);
        }

        mayTake.Set();
        Task waiting = snapshot.WaitForDurableAsync();              // so that a thread of the kernel saves
        isAsked.Wait();
        Assert.That(waiting.IsCompleted, Is.False);
        return snapshot;
    }

    private static void Write(Container container, long value)
    {
        for (long page = 0; page < Pages; page++)
        {
            container.View.Write(page * PageNumber.Size, (value * 100) + page);
        }
    }

    private static void AssertHolds(Container container, long value)
    {
        for (long page = 0; page < Pages; page++)
        {
            Assert.That(
                container.View.Read<long>(page * PageNumber.Size), Is.EqualTo((value * 100) + page), $"page {page}");
        }
    }
}
