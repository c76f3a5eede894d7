using NUnit.Framework;
using NUnit.Framework.Constraints;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>What kernel and manager tell each other of closed intervals, by docs/semantics.md.</summary>
public class IntervalTests(TrapEngine engine) : VersionedFixture(engine)
{
    private static readonly Token s_stranger = new(4711);

    [Test]
    public void Each_snapshot_is_recoverable_once_it_is_stable_and_before_anybody_who_waits_goes_on()
    {
        var told = new List<StateInterval>();
        Manager.OnRecoverable = interval =>
        {
            told.Add(interval);
            return Status.Success;
        };
        using Container container = Open();
        for (int i = 1; i <= 3; i++)
        {
            Snapshot snapshot = Cut(container, i);
            snapshot.WaitForDurable();
            Assert.That(told, Has.Count.EqualTo(i));
            Assert.That(told[^1], Is.EqualTo(snapshot.Interval));
            Assert.That(StateOf(snapshot), Is.EqualTo(SnapshotState.Recoverable));
        }

        Assert.That(StateOf(told[0]), Is.EqualTo(SnapshotState.Stable));
        Assert.That(StateOf(container.Interval), Is.EqualTo(SnapshotState.None));
        Assert.That(StateOf(new StateInterval(0)), Is.EqualTo(SnapshotState.None));
    }

    [Test, Deadline(60)]
    public void A_snapshot_that_was_accepted_is_stable_when_the_manager_says_so()
    {
        Manager.OnSave = _ => Status.Accepted;
        using Container container = Open();
        Snapshot snapshot = Cut(container, 1);
        Assert.That(snapshot.WaitForDurableAsync().Wait(100), Is.False);
        Assert.That(StateOf(snapshot), Is.EqualTo(SnapshotState.Volatile));

        Assert.That(Stable(snapshot.Interval), Is.EqualTo(Status.Success));
        snapshot.WaitForDurable();
        Assert.That(StateOf(snapshot), Is.EqualTo(SnapshotState.Recoverable));
        Assert.That(Stable(snapshot.Interval), Is.EqualTo(Status.Success), "again");
        Manager.OnSave = null;
    }

    [Test, Deadline(60)]
    public void The_manager_may_say_so_before_it_has_answered()
    {
        Manager.OnSave = interval =>
        {
            Assert.That(Stable(interval), Is.EqualTo(Status.Success));
            return Status.Accepted;
        };
        using Container container = Open();
        for (int i = 1; i <= 20; i++)
        {
            Cut(container, i).WaitForDurable();
        }
    }

    [Test, Deadline(60)]
    public void A_manager_that_accepted_and_never_reports_fails_the_snapshot_and_is_quarantined()
    {
        Kernel.Dispose();
        Boot(TimeSpan.FromMilliseconds(200));
        Manager.OnSave = _ => Status.Accepted;
        Container container = Open();
        Snapshot snapshot = Cut(container, 1);
        Assert.That(() => snapshot.WaitForDurable(), Fails(Status.DeadlineExceeded));
        AssertQuarantined(container, Status.DeadlineExceeded);
        container.Abandon();
    }

    [Test]
    public void What_is_not_a_snapshot_cannot_become_stable()
    {
        using Container container = Open();
        Snapshot snapshot = Cut(container, 1);
        snapshot.WaitForDurable();
        Manager.OnCut = _ => Status.NoResources;
        StateInterval burnt = container.Interval;
        Assert.That(() => container.TakeSnapshot(), Fails(Status.NoResources));
        Manager.OnCut = null;

        Assert.Multiple(() =>
        {
            Assert.That(Stable(default), Is.EqualTo(Status.NoSuchInterval));
            Assert.That(Stable(burnt), Is.EqualTo(Status.NoSuchInterval));
            Assert.That(Stable(container.Interval), Is.EqualTo(Status.NoSuchInterval), "still open");
            Assert.That(
                Manager.Calls.StateIntervalStable(s_stranger, snapshot.Interval), Is.EqualTo(Status.PermissionDenied));
            Assert.That(StateOf(burnt), Is.EqualTo(SnapshotState.None));
        });
    }

    [Test]
    public void Only_the_manager_of_a_container_reports_on_it()
    {
        using Container container = Open();
        Snapshot snapshot = Cut(container, 1);
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        Token ofVersion = Manager.LastToken;

        Assert.Multiple(() =>
        {
            Assert.That(
                Manager.Calls.SnapshotDiscard(s_stranger, snapshot.Interval), Is.EqualTo(Status.PermissionDenied));
            Assert.That(
                Manager.Calls.QualityOfService(s_stranger, ServiceLevel.None), Is.EqualTo(Status.PermissionDenied));
            Assert.That(
                Manager.Calls.StateIntervalStable(ofVersion, snapshot.Interval), Is.EqualTo(Status.PermissionDenied));
        });
    }

    [Test]
    public void The_line_cannot_be_discarded_and_others_can()
    {
        using Container container = Open();
        Snapshot first = Cut(container, 1);
        Snapshot second = Cut(container, 2);
        second.WaitForDurable();

        Assert.Multiple(() =>
        {
            Assert.That(Discard(second.Interval), Is.EqualTo(Status.IntervalPinned));
            Assert.That(Discard(first.Interval), Is.EqualTo(Status.Success));
            Assert.That(Discard(first.Interval), Is.EqualTo(Status.Success), "again");
            Assert.That(Discard(container.Interval), Is.EqualTo(Status.NoSuchInterval), "still open");
            Assert.That(Discard(default), Is.EqualTo(Status.NoSuchInterval));
        });
    }

    [Test, Deadline(60)]
    public void A_snapshot_that_is_discarded_before_it_was_saved_comes_to_nothing_and_the_next_saves_its_pages()
    {
        Manager.OnSave = _ => Status.Accepted;
        using Container container = Open();
        Snapshot snapshot = Cut(container, 1);
        Assert.That(Discard(snapshot.Interval), Is.EqualTo(Status.Success));
        Assert.That(() => snapshot.WaitForDurable(), Fails(Status.NoSuchInterval));
        Assert.That(container.Quarantine, Is.Null);
        Manager.OnSave = null;

        Snapshot next = container.TakeSnapshot();
        next.WaitForDurable();
        Assert.That(Stable(snapshot.Interval), Is.EqualTo(Status.NoSuchInterval));
        using Container version = Kernel.OpenVersion("a", next.Interval);
        Assert.That(version.View.Read<int>(0), Is.EqualTo(1));
    }

    [Test, Deadline(60)]
    public void The_level_of_service_changes_only_while_nothing_is_being_saved()
    {
        using var mayEnd = new ManualResetEventSlim();
        using Container container = Open();
        Manager.OnSave = _ =>
        {
            mayEnd.Wait();
            return Status.Success;
        };
        Snapshot snapshot = Cut(container, 1);
        Assert.That(Level(ServiceLevel.None), Is.EqualTo(Status.Busy));
        mayEnd.Set();
        snapshot.WaitForDurable();
        Assert.Multiple(() =>
        {
            Assert.That(Level(ServiceLevel.Logging), Is.EqualTo(Status.NotSupported));
            Assert.That(Level((ServiceLevel)99), Is.EqualTo(Status.NotSupported));
            Assert.That(Level(ServiceLevel.None), Is.EqualTo(Status.Success));
        });
        container.View.Write(0, 2);
        Assert.That(() => container.TakeSnapshot(), Fails(Status.NotSupported));
        Assert.That(() => Kernel.Rollback("a"), Fails(Status.NotSupported));
        Assert.That(Level(ServiceLevel.Snapshotting), Is.EqualTo(Status.Success));
        container.TakeSnapshot().WaitForDurable();
    }

    [Test]
    public void A_volatile_container_closes_without_a_snapshot()
    {
        Manager.Level = ServiceLevel.None;
        using (Container container = Open())
        {
            container.View.Write(0, 1);
        }

        Assert.That(Kernel.History("a"), Is.Empty);
    }

    [Test]
    public void A_rollback_goes_to_the_newest_stable_snapshot_and_what_is_newer_is_gone()
    {
        using Container container = Open();
        Snapshot first = Cut(container, 1);
        first.WaitForDurable();
        container.Resize(10 * PageNumber.Size);
        container.View.Write(0, 2);
        container.View.Write(5 * PageNumber.Size, 2);
        StateInterval undone = container.Interval;

        Assert.That(Kernel.RollbackAsync("a").Result, Is.EqualTo(first.Interval));

        Assert.Multiple(() =>
        {
            Assert.That(container.View.Read<int>(0), Is.EqualTo(1));
            Assert.That(container.View.Read<int>(5 * PageNumber.Size), Is.Zero);
            Assert.That(container.Length, Is.EqualTo(first.Info.Length));
            Assert.That(container.Interval, Is.EqualTo(undone.Next), "numbers are not issued again");
            Assert.That(Stable(undone), Is.EqualTo(Status.RolledBack), "a late report");
            Assert.That(Discard(undone), Is.EqualTo(Status.RolledBack));
            Assert.That(Kernel.Rollback("a"), Is.EqualTo(first.Interval), "twice is once");
        });
        Cut(container, 3).WaitForDurable();
        Assert.That(StateOf(first), Is.EqualTo(SnapshotState.Stable));
    }

    [Test]
    public void A_rollback_after_a_restore_goes_to_what_was_restored()
    {
        using Container container = Open();
        Snapshot first = Cut(container, 1);
        Snapshot second = Cut(container, 2);
        container.Restore(first.Interval);
        container.View.Write(0, 3);

        Assert.That(Kernel.Rollback("a"), Is.EqualTo(first.Interval));
        Assert.That(container.View.Read<int>(0), Is.EqualTo(1));
        Assert.That(Kernel.History("a").Select(version => version.Interval), Is.EqualTo([first.Interval]));
        Assert.That(Stable(second.Interval), Is.EqualTo(Status.RolledBack));
    }

    [Test]
    public void A_rollback_is_refused_when_there_is_nothing_to_go_back_to_or_somebody_is_in_the_way()
    {
        using Container container = Open();
        container.View.Write(0, 1);
        Assert.That(() => Kernel.Rollback("a"), Fails(Status.NoSuchInterval));
        Assert.That(() => Kernel.Rollback("unknown"), Fails(Status.ContainerGone));
        Snapshot first = Cut(container, 1);
        Snapshot second = Cut(container, 2);
        container.Restore(first.Interval);
        using (Kernel.OpenVersion("a", second.Interval))
        {
            Assert.That(() => Kernel.Rollback("a"), Fails(Status.Busy));
        }

        using (container.View.Lease(0, 10, Access.Write))
        {
            Assert.That(() => Kernel.Rollback("a"), Fails(Status.Busy));
        }

        Assert.That(container.Quarantine, Is.Null);
        Assert.That(container.View.Read<int>(0), Is.EqualTo(1));
    }

    [Test]
    public void A_rollback_while_threads_write_leaves_what_was_saved_or_what_came_after()
    {
        using Container container = Open();
        Cut(container, -1).WaitForDurable();
        using var stop = new CancellationTokenSource();
        Exception? failure = null;
        var writer = new Thread(() =>
        {
            try
            {
                for (int value = 1; !stop.IsCancellationRequested; value++)
                {
                    container.View.Write(0, value);
                    container.View.Write(9 * PageNumber.Size, value);
                }
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        writer.Start();
        for (int i = 0; i < 50; i++)
        {
            Kernel.Rollback("a");
        }

        stop.Cancel();
        writer.Join();
        Assert.That(failure, Is.Null);
        Kernel.Rollback("a");
        Assert.That(container.View.Read<int>(0), Is.EqualTo(-1));
        Assert.That(container.View.Read<int>(9 * PageNumber.Size), Is.Zero);
    }

    [TestCase("answers")]
    [TestCase("throws")]
    public void A_manager_that_does_not_obey_is_quarantined(string how)
    {
        Status Disobey(StateInterval interval) => how == "throws"
            ? throw new InvalidOperationException($"interval {interval}")
            : Status.IoError;
        Container container = Open();
        Cut(container, 1).WaitForDurable();
        Manager.OnRollback = Disobey;
        Assert.That(() => Kernel.Rollback("a"), Fails(Status.ManagerFailed));
        Assert.That(container.Quarantine, Has.Property("Status").EqualTo(Status.ManagerFailed));
        Assert.That(() => container.View.Read<int>(0), Fails(Status.ManagerFailed));
        container.Abandon();

        Container other = Open("b");
        Manager.OnRecoverable = Disobey;
        Cut(other, 1).WaitForDurable();                             // it is on stable storage all the same
        AssertQuarantined(other, Status.ManagerFailed);
        other.Abandon();
    }

    [Test]
    public void A_save_that_fails_for_any_reason_but_a_disk_quarantines()
    {
        Container container = Open();
        Manager.OnSave = _ => Status.IoError;
        Assert.That(() => Cut(container, 1).WaitForDurable(), Fails(Status.IoError));
        Assert.That(container.Quarantine, Is.Null);
        Manager.OnSave = _ => throw new InvalidOperationException("a bug");
        Assert.That(() => Cut(container, 2).WaitForDurable(), Fails(Status.ManagerFailed));
        AssertQuarantined(container, Status.ManagerFailed);
        container.Abandon();
    }

    private void AssertQuarantined(Container container, Status reason)
    {
        Assert.That(container.Quarantine, Has.Property("Status").EqualTo(reason));
        container.View.Write(0, 77);
        Assert.That(container.View.Read<int>(0), Is.EqualTo(77), "what is in memory can be used");
        Assert.That(
            () => container.View.Read<int>(700 * PageNumber.Size),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ManagerFailed)
                .And.Property("InnerException").Property("InnerException").SameAs(container.Quarantine));
        Assert.That(() => container.TakeSnapshot(), Fails(Status.ManagerFailed));
        Assert.That(container.Dispose, Fails(Status.ManagerFailed));
        Assert.That(container.View.Read<int>(0), Is.EqualTo(77));
    }

    private static Snapshot Cut(Container container, int value)
    {
        container.View.Write(0, value);
        return container.TakeSnapshot();
    }

    private SnapshotState StateOf(Snapshot snapshot) => StateOf(snapshot.Interval);

    private SnapshotState StateOf(StateInterval interval) => Kernel.QueryStateInterval("a", interval);

    private Status Stable(StateInterval interval) => Manager.Calls.StateIntervalStable(Manager.LastToken, interval);

    private Status Discard(StateInterval interval) => Manager.Calls.SnapshotDiscard(Manager.LastToken, interval);

    private Status Level(ServiceLevel level) => Manager.Calls.QualityOfService(Manager.LastToken, level);

    private static EqualConstraint<Status> Fails(Status status) =>
        Throws.InstanceOf<KernelException>().With.Property("Status").EqualTo(status);
}
