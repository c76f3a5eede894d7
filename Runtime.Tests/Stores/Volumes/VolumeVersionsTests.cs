using NUnit.Framework;
using NUnit.Framework.Constraints;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Discarding, restoring and cloning: what they answer, and what they leave.</summary>
public class VolumeVersionsTests
{
    private SimulatedDisk _disk = null!;
    private Volume _volume = null!;
    private VolumeDriver _driver = null!;

    [SetUp]
    public void CreateVolume()
    {
        _disk = new SimulatedDisk();
        _volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        _driver = new VolumeDriver(_volume);
        _driver.Create("a", 1 << 20);
        for (int i = 1; i <= 4; i++)
        {
            _driver.Commit("a", new() { [0] = i, [(ulong)i] = i });
        }
    }

    [TearDown]
    public void DisposeVolume()
    {
        _volume.Dispose();
        _disk.Dispose();
    }

    private ContainerRecord Record => _volume.Find("a")!;

    [Test]
    public void A_discarded_version_is_gone_and_the_others_are_what_they_were()
    {
        _driver.Discard("a", 1, 3);

        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        Assert.That(() => _volume.OpenMap(Record, new StateInterval(3)), Fails(Status.NoSuchInterval));
        Assert.That(() => Discard(3), Fails(Status.NoSuchInterval));
        using Volume again = Volume.Open(_disk.Reopen());
        Assert.That(_driver.Reported.DifferenceTo(again), Is.Null);
        Assert.That(again.Verify().Damages, Is.Empty);
    }

    [Test]
    public void The_head_is_pinned_and_nothing_changes_when_one_of_several_may_not_go()
    {
        Assert.That(() => Discard(4), Fails(Status.IntervalPinned));
        Assert.That(() => Discard(2, 4), Fails(Status.IntervalPinned));
        Assert.That(() => Discard(2, 9), Fails(Status.NoSuchInterval));
        Assert.That(() => Discard(0), Fails(Status.NoSuchInterval));
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
    }

    [Test]
    public void A_version_that_is_open_is_busy_until_the_last_reader_closes_it()
    {
        VersionMap first = _volume.OpenMap(Record, new StateInterval(2));
        VersionMap second = _volume.OpenMap(Record, new StateInterval(2));
        Assert.That(() => Discard(2), Fails(Status.Busy));
        first.Dispose();
        first.Dispose();
        Assert.That(() => Discard(2), Fails(Status.Busy));
        Assert.That(() => _volume.Delete(Record), Fails(Status.Busy));
        second.Dispose();
        _driver.Discard("a", 2);
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
    }

    [Test]
    public void Discarding_makes_room()
    {
        long before = _volume.Statistics.InUse;
        Discard(1, 2, 3);

        // Of each: two pages that were replaced, but for one, the leaf node, and the list of them.
        Assert.That(_volume.Statistics.InUse, Is.LessThanOrEqualTo(before - 6));
        Assert.That(_volume.Statistics.Dead, Is.Zero);
    }

    [Test]
    public void A_restored_version_is_what_the_next_draft_is_based_on_and_numbers_go_on()
    {
        _driver.Restore("a", 2);
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        _driver.Commit("a", new() { [7] = 77 });

        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        Assert.That(
            _volume.History(Record).Select(version => version.Interval.Value), Is.EqualTo([1ul, 2ul, 3ul, 4ul, 5ul]));
        using Volume again = Volume.Open(_disk.Reopen());
        Assert.That(_driver.Reported.DifferenceTo(again), Is.Null);
    }

    [Test]
    public void A_draft_from_before_a_restore_cannot_be_begun_beside_it()
    {
        using VersionDraft draft = _volume.OpenDraft(Record);
        Assert.That(() => _volume.Restore(Record, new StateInterval(1)), Fails(Status.Busy));
    }

    [Test]
    public void A_rollback_drops_what_is_newer_and_numbers_go_on()
    {
        long before = _volume.Statistics.InUse;
        _driver.Clone("a", 3, "b");
        _driver.Rollback("a", 2);
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        _driver.Commit("a", new() { [7] = 77 });

        Assert.That(_volume.History(Record).Select(version => version.Interval.Value), Is.EqualTo([1ul, 2ul, 5ul]));
        using Volume again = Volume.Open(_disk.Reopen());
        Assert.That(_driver.Reported.DifferenceTo(again), Is.Null, "the clone of a version that is gone, too");
        Assert.That(again.Verify().Damages, Is.Empty);
        Assert.That(_volume.Statistics.InUse, Is.LessThan(before + 20));
    }

    [Test]
    public void A_rollback_is_refused_while_somebody_reads_what_would_go()
    {
        using (_volume.OpenMap(Record, new StateInterval(3)))
        {
            Assert.That(() => _volume.Rollback(Record, new StateInterval(2)), Fails(Status.Busy));
        }

        using (_volume.OpenDraft(Record))
        {
            Assert.That(() => _volume.Rollback(Record, new StateInterval(2)), Fails(Status.Busy));
        }

        Assert.That(() => _volume.Rollback(Record, new StateInterval(9)), Fails(Status.NoSuchInterval));
        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        _driver.Rollback("a", 2);
    }

    [Test]
    public void A_clone_begins_with_its_fork_as_its_first_version_and_shares_every_block()
    {
        using (VersionMap open = _volume.OpenMap(Record, new StateInterval(2)))
        {
            long before = _volume.Statistics.InUse;
            _driver.Clone("a", 2, "b");

            // The clone's block and version block, and perhaps a node of the catalogue.
            Assert.That(_volume.Statistics.InUse - before, Is.LessThanOrEqualTo(3));
        }

        ContainerRecord clone = _volume.Find("b")!;
        Assert.That(clone.Manager, Is.EqualTo(Record.Manager));
        Assert.That(_volume.History(clone).Single().Time, Is.EqualTo(_volume.History(Record)[1].Time));
        _driver.Commit("b", new() { [0] = 99 });
        ContainerRecord gone = Record;
        _driver.Delete("a");

        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        using Volume again = Volume.Open(_disk.Reopen());
        Assert.That(_driver.Reported.DifferenceTo(again), Is.Null);
        Assert.That(again.Verify().Damages, Is.Empty);
        Assert.That(() => again.History(gone), Fails(Status.ContainerGone));
    }

    [Test]
    public void A_name_is_free_again_although_a_clone_needs_versions_of_the_container_that_had_it()
    {
        _driver.Clone("a", 1, "b");
        _driver.Clone("a", 1, "c");
        _driver.Delete("a");
        _driver.Create("a", 4096);
        _driver.Commit("a", new() { [0] = 1 });

        using Volume again = Volume.Open(_disk.Reopen());
        Assert.That(_driver.Reported.DifferenceTo(again), Is.Null);
        Assert.That(again.Verify().Damages, Is.Empty);
    }

    [Test]
    public void A_container_without_versions_has_an_empty_clone()
    {
        _driver.Create("empty", 1 << 30);
        _driver.Clone("empty", null, "b");

        Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
        Assert.That(_volume.Find("b")!.Length, Is.EqualTo(1 << 30));
        Assert.That(() => _volume.Clone(Record, null, "b"), Fails(Status.AlreadySet));
        Assert.That(() => _volume.Clone(Record, new StateInterval(9), "c"), Fails(Status.NoSuchInterval));
    }

    [Test]
    public void Long_dead_lists_are_merged_whichever_is_the_longer([Values(1, 338, 339, 340, 1500)] int pages)
    {
        _driver.Create("b", 1 << 30);
        SortedDictionary<ulong, int> Changes(int count, int content) =>
            new(Enumerable.Range(0, count).ToDictionary(i => (ulong)i, i => content + i));
        _driver.Commit("b", Changes(1500, 1));
        _driver.Commit("b", Changes(pages, 10_000));
        _driver.Commit("b", Changes(1500, 20_000));
        _driver.Commit("b", Changes(pages / 2, 30_000));
        foreach (ulong interval in new ulong[] { 2, 3, 1 })
        {
            _driver.Discard("b", interval);
            Assert.That(_driver.Reported.DifferenceTo(_volume), Is.Null);
            Assert.That(_volume.Verify().Damages, Is.Empty);
        }
    }

    [Test]
    public void The_newest_of_hundreds_is_discarded_as_cheaply_as_of_a_few()
    {
        int calls = 0;
        for (int i = 5; i < 400; i++)
        {
            _driver.Commit("a", new() { [0] = i });
            int reads = _disk.Reads;
            _driver.Discard("a", (ulong)i - 1);
            calls = Math.Max(calls, _disk.Reads - reads);
        }

        Assert.That(calls, Is.LessThanOrEqualTo(4));
        Assert.That(_volume.Verify().Damages, Is.Empty);
    }

    private void Discard(params ulong[] intervals) =>
        _volume.Discard(Record, [.. intervals.Select(interval => new StateInterval(interval))]);

    private static EqualConstraint<Status> Fails(Status status) =>
        Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(status);
}
