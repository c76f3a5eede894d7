using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>Writers go on while a snapshot is saved, and it holds what it held at the cut.</summary>
public class PreserveTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Pages = 64;

    private static readonly int s_rounds = OperatingSystem.IsWindows() ? 500 : 3000;

    [Test, Deadline(60)]
    public void Pages_written_before_they_are_saved_are_copied_aside()
    {
        using var mayGoOn = new ManualResetEventSlim();
        using Container container = Open();
        Fill(container, value: 1);
        Manager.OnSave = _ =>
        {
            mayGoOn.Wait();
            return Status.Success;
        };
        Snapshot snapshot = container.TakeSnapshot();
        Fill(container, value: 2);
        Assert.That(snapshot.IsDurable, Is.False);
        Assert.That(container.Statistics.Copies, Is.EqualTo(Pages));
        using (Container early = Kernel.OpenVersion("a", snapshot.Interval))
        {
            AssertHolds(early, 1);
        }

        mayGoOn.Set();
        snapshot.WaitForDurable();
        using Container late = Kernel.OpenVersion("a", snapshot.Interval);
        AssertHolds(late, 1);
        AssertHolds(container, 2);
    }

    [Test, Deadline(60)]
    public void A_second_cut_may_be_made_while_the_first_is_saved()
    {
        using var mayGoOn = new ManualResetEventSlim();
        using Container container = Open();
        Manager.OnSave = _ =>
        {
            mayGoOn.Wait();
            return Status.Success;
        };
        var snapshots = new List<Snapshot>();
        for (int value = 1; value <= 4; value++)
        {
            for (int page = 0; page < Pages; page += value)
            {
                container.View.Write((long)page * PageNumber.Size, value);
            }

            snapshots.Add(container.TakeSnapshot());
        }

        AssertVersions(snapshots);
        mayGoOn.Set();
        snapshots[^1].WaitForDurable();
        AssertVersions(snapshots);
        Assert.That(snapshots, Has.All.Property(nameof(Snapshot.IsDurable)).True, "saved in the order of the cuts");
    }

    [Test, Deadline(60)]
    public void When_a_save_fails_the_next_cut_saves_its_pages([Values] bool isWritten, [Values(1, 3)] int cuts)
    {
        using var mayGoOn = new ManualResetEventSlim();
        Container container = Open();
        Fill(container, value: 1);
        Manager.OnSave = _ =>
        {
            mayGoOn.Wait();
            return Status.NoResources;
        };
        var failed = new List<Snapshot>();
        for (int cut = 0; cut < cuts; cut++)
        {
            failed.Add(container.TakeSnapshot());
            if (isWritten)
            {
                container.View.Write(0, 2 + cut);
            }
        }

        mayGoOn.Set();
        foreach (Snapshot snapshot in failed)
        {
            Assert.That(
                () => snapshot.WaitForDurable(),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
            Assert.That(snapshot.IsFailed, Is.True);
        }

        Assert.That(
            () => Kernel.OpenVersion("a", failed[0].Interval),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoSuchInterval));
        Manager.OnSave = null;
        Snapshot saved = container.TakeSnapshot();
        Assert.That(saved.Info.PagesChanged, Is.EqualTo(Pages));
        Assert.That(saved.Interval, Is.EqualTo(new StateInterval((ulong)cuts + 1)), "the others are burnt");
        saved.WaitForDurable();
        container.Dispose();
        using Container again = Kernel.OpenContainer("a");
        for (int page = 0; page < Pages; page++)
        {
            int expected = page == 0 && isWritten ? 1 + cuts : 1;
            Assert.That(again.View.Read<int>((long)page * PageNumber.Size), Is.EqualTo(expected), $"page {page}");
        }
    }

    [Test, Deadline(60)]
    public void A_container_that_is_closed_waits_for_its_saves()
    {
        Manager.OnSavePage = _ => Thread.Sleep(5);
        Snapshot snapshot;
        using (Container container = Open())
        {
            Fill(container, value: 1);
            snapshot = container.TakeSnapshot();
            Fill(container, value: 2);
        }

        Assert.That(snapshot.IsDurable, Is.True);
        using Container again = Kernel.OpenContainer("a");
        AssertHolds(again, 2);
    }

    [Test, Deadline(60)]
    public void Closing_reports_what_could_not_be_saved_and_keeps_it()
    {
        Container container = Open();
        Fill(container, value: 1);
        Manager.OnSave = _ => Status.IoError;
        Assert.That(
            () => container.Dispose(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.IoError));
        AssertHolds(container, 1);
        Manager.OnSave = null;
        container.Dispose();
        using Container again = Kernel.OpenContainer("a");
        AssertHolds(again, 1);
    }

    [Test, Deadline(120)]
    public void Closing_reports_what_could_not_be_saved_whenever_that_turns_out()
    {
        for (int round = 0; round < s_rounds; round++)
        {
            Container container = Open($"c{round}");
            container.View.Write(0, 1);
            Manager.OnSave = _ => Status.IoError;
            if (round % 2 == 0)
            {
                container.TakeSnapshot();
                Thread.SpinWait(round / 2 * 7 % 5000);
            }

            Assert.That(container.Dispose, Throws.TypeOf<KernelException>(), $"round {round}");
            container.Abandon();
        }
    }

    [Test, Deadline(120)]
    public void Going_back_does_not_lose_what_could_not_be_saved_whenever_that_turns_out()
    {
        using Container container = Open();
        Snapshot first = container.TakeSnapshot();
        first.WaitForDurable();
        for (int round = 0; round < s_rounds; round++)
        {
            container.View.Write(0, 1 + round);
            Manager.OnSave = _ => Status.IoError;
            container.TakeSnapshot();
            Thread.SpinWait(round * 7 % 5000);
            Assert.That(() => container.Restore(first.Interval), Throws.TypeOf<KernelException>(), $"round {round}");
            Assert.That(container.View.Read<int>(0), Is.EqualTo(1 + round));
        }

        Manager.OnSave = null;
    }

    /// <summary>A manager may throw whatever it likes.</summary>
    [Test, Deadline(60)]
    public void When_one_container_cannot_be_saved_the_kernel_saves_the_others_before_it_closes()
    {
        Container a = Open("a");
        Container b = Open("b");
        a.View.Write(0, 1);
        b.View.Write(7 * PageNumber.Size, 1);
        var saved = new List<PageNumber>();
        Manager.OnSavePage = page =>
        {
            if (page.Value == 0)
            {
                throw new InvalidOperationException("no");
            }

            saved.Add(page);
        };
        Assert.That(
            () => a.Dispose(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.ManagerFailed));
        Assert.That(() => Kernel.Dispose(), Throws.TypeOf<AggregateException>());
        Assert.That(saved, Is.EqualTo([new PageNumber(7)]));
        Assert.That(() => b.View.Read<int>(0), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test, Deadline(60)]
    public void Closing_saves_what_an_older_snapshot_could_not([Values(0, 50)] int afterMs)
    {
        Container container = Open();
        Fill(container, value: 1);
        Manager.OnSave = _ =>
        {
            Manager.OnSave = null;
            Thread.Sleep(afterMs);
            return Status.IoError;
        };
        Snapshot snapshot = container.TakeSnapshot();
        container.Dispose();

        Assert.That(snapshot.IsFailed, Is.True);
        using Container again = Kernel.OpenContainer("a");
        AssertHolds(again, 1);
    }

    [Test, Deadline(60)]
    public void Going_back_is_refused_while_the_newest_snapshot_fails([Values(0, 50)] int afterMs)
    {
        using Container container = Open();
        Fill(container, value: 1);
        Snapshot first = container.TakeSnapshot();
        first.WaitForDurable();
        Fill(container, value: 2);
        Manager.OnSave = _ =>
        {
            Manager.OnSave = null;
            Thread.Sleep(afterMs);
            return Status.IoError;
        };
        container.TakeSnapshot();

        bool isRefused = false;
        try
        {
            container.Restore(first.Interval);
        }
        catch (KernelException refused) when (refused.Status == Status.IoError)
        {
            isRefused = true;
        }

        AssertHolds(container, isRefused ? 2 : 1);
        Assert.That(isRefused || Kernel.History("a").Count == 2, "or else what was written is a version");
    }

    [Test, Deadline(60)]
    public void If_one_of_several_managers_refuses_its_cut_the_others_stand_and_everybody_goes_on()
    {
        using Container a = Open("a");
        using Container b = Open("b");
        Fill(a, value: 1);
        Fill(b, value: 1);
        int cuts = 0;
        Manager.OnCut = _ => ++cuts == 2 ? Status.Busy : Status.Success;
        Assert.That(() => Kernel.TakeSnapshot([a, b]), Throws.TypeOf<KernelException>());
        Manager.OnCut = null;
        Fill(a, value: 2);
        Fill(b, value: 2);

        foreach (Snapshot snapshot in Kernel.TakeSnapshot([a, b]))
        {
            snapshot.WaitForDurable();
        }

        AssertHolds(a, 2);
        AssertHolds(b, 2);
    }

    private static void Fill(Container container, int value)
    {
        for (int page = 0; page < Pages; page++)
        {
            container.View.Write((long)page * PageNumber.Size, value);
        }
    }

    private static void AssertHolds(Container container, int value)
    {
        for (int page = 0; page < Pages; page++)
        {
            Assert.That(container.View.Read<int>((long)page * PageNumber.Size), Is.EqualTo(value), $"page {page}");
        }
    }

    private void AssertVersions(List<Snapshot> snapshots)
    {
        for (int cut = 0; cut < snapshots.Count; cut++)
        {
            using Container version = Kernel.OpenVersion("a", snapshots[cut].Interval);
            for (int page = 0; page < Pages; page++)
            {
                int last = Enumerable.Range(1, cut + 1).Last(value => page % value == 0);
                Assert.That(version.View.Read<int>((long)page * PageNumber.Size), Is.EqualTo(last), $"{cut}, {page}");
            }
        }
    }
}
