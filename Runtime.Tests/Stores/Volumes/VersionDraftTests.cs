using NUnit.Framework;
using NUnit.Framework.Constraints;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>
/// Intervals in the making: what they hold, what they are based on, and what becomes of their blocks.
/// </summary>
public class VersionDraftTests
{
    private const long Length = 1 << 30;

    private SimulatedDisk _disk = null!;
    private Volume _volume = null!;
    private ContainerRecord _record = null!;

    [SetUp]
    public void CreateVolume()
    {
        _disk = new SimulatedDisk();
        _volume = Volume.Open(_disk, new VolumeOptions { Create = true });
        _record = _volume.Create("a", Length, "m");
        using VersionDraft draft = _volume.OpenDraft(_record);
        Write(draft, 0, 100);
        Write(draft, 1, 101);
        Commit(draft);
    }

    [TearDown]
    public void DisposeVolume()
    {
        _volume.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void A_page_is_read_from_the_draft_that_has_it_and_else_from_below()
    {
        using VersionDraft closing = _volume.OpenDraft(_record);
        Write(closing, 1, 201);
        using VersionDraft open = closing.Continue();
        Write(open, 2, 302);

        Assert.That(open.Interval, Is.EqualTo(closing.Interval.Next));
        Assert.That(Contents(open, 0, 1, 2, 3), Is.EqualTo([100, 201, 302, 0]));
        Assert.That(Contents(closing, 0, 1, 2, 3), Is.EqualTo([100, 201, 0, 0]));
        Assert.That(open.PageCount, Is.EqualTo(1));
    }

    [Test]
    public void What_is_written_below_after_the_cut_is_seen_above_unless_it_has_its_own()
    {
        using VersionDraft closing = _volume.OpenDraft(_record);
        using VersionDraft open = closing.Continue();
        Write(open, 5, 305);
        Write(closing, 5, 205);
        Write(closing, 6, 206);
        Assert.That(Contents(open, 5, 6), Is.EqualTo([305, 206]));

        Commit(closing);
        Assert.That(Contents(open, 0, 5, 6), Is.EqualTo([100, 305, 206]));
        Assert.That(Contents(closing, 5, 6), Is.EqualTo([205, 206]));
        Commit(open);
        Assert.That(Read(2, 5, 6), Is.EqualTo([205, 206]));
        Assert.That(Read(3, 5, 6), Is.EqualTo([305, 206]));
        AssertSound();
    }

    [Test]
    public void A_page_written_again_replaces_what_it_had_and_its_block_is_free()
    {
        using VersionDraft draft = _volume.OpenDraft(_record);
        long free = _volume.Statistics.Free;
        for (int i = 1; i <= 100; i++)
        {
            Write(draft, 7, i);
        }

        Assert.That(Contents(draft, 7), Is.EqualTo([100]));
        Assert.That(_volume.Statistics.Free, Is.EqualTo(free - 1));
        Write(draft, 7, 0);
        Assert.That(_volume.Statistics.Free, Is.EqualTo(free));
    }

    [Test]
    public void Runs_are_written_and_read_with_one_call_each()
    {
        using VersionDraft draft = _volume.OpenDraft(_record);
        Write(draft, 40, 1); // makes room
        byte[] contents = [.. Enumerable.Range(1, 20).SelectMany(VolumeModel.Page)];
        int calls = _disk.Calls;
        draft.Write(new PageNumber(100), contents);
        Assert.That(_disk.Calls, Is.EqualTo(calls + 1));

        var read = new byte[contents.Length];
        int reads = _disk.Reads;
        Assert.That(draft.ReadPages(new PageNumber(100), read));
        Assert.That(read, Is.EqualTo(contents));
        Commit(draft);
        using VersionMap map = _volume.OpenMap(_record);
        map.ReadPages(new PageNumber(100), read);
        Assert.That(read, Is.EqualTo(contents));
        reads = _disk.Reads;
        map.ReadPages(new PageNumber(100), read);
        Assert.That(_disk.Reads, Is.EqualTo(reads + 1));
    }

    [Test]
    public void Scattered_pages_are_written_with_one_call_and_zeroes_among_them_need_no_block()
    {
        using VersionDraft draft = _volume.OpenDraft(_record);
        Write(draft, 40, 1); // makes room
        PageNumber[] pages = [new(9000), new(5), new(70_000), new(1), new(6)];
        int[] values = [1, 2, 3, 0, 4];
        byte[] contents = [.. values.SelectMany(VolumeModel.Page)];
        int calls = _disk.Calls;
        draft.Write(pages, contents);

        Assert.That(_disk.Calls, Is.EqualTo(calls + 2));
        Assert.That(Contents(draft, 9000, 5, 70_000, 1, 6), Is.EqualTo(values));
        Commit(draft);
        Assert.That(Read(2, 9000, 5, 70_000, 1, 6), Is.EqualTo(values));
        AssertSound();
    }

    [Test]
    public void A_draft_above_a_failed_one_adopts_what_it_has_not_itself([Values] bool isDisposedBefore)
    {
        long free = _volume.Statistics.Free;
        VersionDraft failed = _volume.OpenDraft(_record);
        Write(failed, 1, 201);
        Write(failed, 2, 202);
        using VersionDraft open = failed.Continue();
        Write(open, 2, 302);
        Assert.That(() => Commit(open), Throws.InvalidOperationException);
        if (isDisposedBefore)
        {
            failed.Dispose();
        }

        open.Adopt();
        failed.Dispose();
        Assert.That(Contents(open, 0, 1, 2), Is.EqualTo([100, 201, 302]));
        Assert.That(open.PageCount, Is.EqualTo(2));
        Assert.That(_volume.Statistics.Free, Is.EqualTo(free - 2));
        Commit(open);
        Assert.That(_volume.History(_record).Select(v => v.Interval.Value), Is.EqualTo([1ul, 3ul]));
        Assert.That(Read(3, 0, 1, 2), Is.EqualTo([100, 201, 302]));
        AssertSound();
    }

    [Test]
    public void What_a_draft_on_top_needs_stays_until_that_one_goes()
    {
        long free = _volume.Statistics.Free;
        VersionDraft below = _volume.OpenDraft(_record);
        Write(below, 1, 201);
        VersionDraft above = below.Continue();
        below.Dispose();
        Assert.That(Contents(above, 1), Is.EqualTo([201]));
        above.Dispose();

        Assert.That(_volume.Statistics.Free, Is.EqualTo(free));
        Assert.That(_volume.OpenDraft(_record).Interval.Value, Is.EqualTo(2));
    }

    [Test]
    public void A_draft_of_another_container_is_neither_recorded_nor_given_out_by_a_commit()
    {
        ContainerRecord other = _volume.Create("b", Length, "m");
        using VersionDraft draft = _volume.OpenDraft(_record);
        for (int i = 0; i < 200; i++)
        {
            Write(draft, (ulong)i, 1000 + i);
            using VersionDraft beside = _volume.OpenDraft(other);
            Write(beside, (ulong)i, 2000 + i);
            Commit(beside);
        }

        AssertSound(); // the draft's blocks would be leaked if a commit had recorded them
        for (int i = 0; i < 200; i++)
        {
            Assert.That(Contents(draft, (ulong)i), Is.EqualTo([1000 + i]));
        }

        Commit(draft);
        AssertSound();
    }

    [Test]
    public void Drafts_of_several_containers_are_committed_together_or_not_at_all()
    {
        ContainerRecord other = _volume.Create("b", Length, "m");
        using VersionDraft first = _volume.OpenDraft(_record);
        using VersionDraft second = _volume.OpenDraft(other);
        Write(first, 1, 201);
        Write(second, 1, 202);
        _disk.FailAtCall(_disk.Calls + 1, Status.NoResources);
        Assert.That(() => _volume.Commit([first, second], default), Throws.TypeOf<VolumeException>());
        Assert.That(_volume.History(other), Is.Empty);

        foreach (VersionMap map in _volume.Commit([first, second], default))
        {
            map.Dispose();
        }

        using Volume again = Volume.Open(_disk.Reopen());
        Assert.That(again.History(again.Find("a")!), Has.Count.EqualTo(2));
        Assert.That(again.History(again.Find("b")!), Has.Count.EqualTo(1));
        Assert.That(again.Verify().Damages, Is.Empty);
    }

    [Test]
    public void Shrinking_drops_the_pages_beyond_for_good()
    {
        using VersionDraft draft = _volume.OpenDraft(_record);
        Write(draft, 9, 209);
        draft.Length = PageNumber.Size + 1;
        Assert.That(Contents(draft, 0, 1, 9), Is.EqualTo([100, 101, 0]));
        draft.Length = 1;
        draft.Length = Length;
        Write(draft, 3, 203);

        Assert.That(Contents(draft, 0, 1, 3, 9), Is.EqualTo([100, 0, 203, 0]));
        Commit(draft);
        Assert.That(Read(2, 0, 1, 3, 9), Is.EqualTo([100, 0, 203, 0]));
        Assert.That(Read(1, 0, 1), Is.EqualTo([100, 101]));
        AssertSound();
    }

    [Test]
    public void A_second_draft_on_the_head_is_refused_and_so_are_restore_and_delete_while_there_is_one()
    {
        using VersionDraft draft = _volume.OpenDraft(_record);

        Assert.That(() => _volume.OpenDraft(_record), Fails(Status.Busy));
        Assert.That(() => _volume.Restore(_record, new StateInterval(1)), Fails(Status.Busy));
        Assert.That(() => _volume.Delete(_record), Fails(Status.Busy));
    }

    [Test]
    public void A_draft_that_is_over_takes_no_more_pages()
    {
        VersionDraft draft = _volume.OpenDraft(_record);
        Commit(draft);
        Assert.That(() => Write(draft, 1, 1), Throws.InvalidOperationException);
        Assert.That(() => Commit(draft), Throws.InvalidOperationException);
    }

    [Test]
    public void Reading_a_page_of_a_draft_or_below_it_allocates_nothing()
    {
        using VersionDraft below = _volume.OpenDraft(_record);
        Write(below, 3, 3);
        using VersionDraft draft = below.Continue();
        Write(draft, 4, 4);
        var page = new byte[PageNumber.Size];
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                draft.ReadPage(new PageNumber((ulong)i % 5), page);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [Test, Deadline(120)]
    public void Pages_are_written_read_and_committed_by_many_threads_at_once()
    {
        const int Threads = 4;
        const int Intervals = 60;
        VersionDraft draft = _volume.OpenDraft(_record);
        using var stop = new CancellationTokenSource();
        var expected = new int[Threads];
        Task[] writers = [.. Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            // Each has a page of its own, writes it again and again, and must always read what it wrote last.
            var random = new Random(thread);
            var page = new byte[PageNumber.Size];
            while (!stop.IsCancellationRequested)
            {
                int content = random.Next(1, int.MaxValue);
                try
                {
                    Volatile.Read(ref draft).Write(new PageNumber((ulong)thread), VolumeModel.Page(content));
                    expected[thread] = content;
                }
                catch (InvalidOperationException)
                {
                    // Closed by a cut meanwhile: the next one takes it.
                }

                Volatile.Read(ref draft).ReadPage(new PageNumber((ulong)thread), page);
                int found = BitConverter.ToInt32(page);
                Assert.That(page.AsSpan().SequenceEqual(VolumeModel.Page(found)));
            }
        }))];

        for (int i = 0; i < Intervals; i++)
        {
            VersionDraft closing = draft;
            Volatile.Write(ref draft, closing.Continue());
            Commit(closing);
        }

        stop.Cancel();
        Task.WaitAll(writers);
        draft.Dispose();
        AssertSound();
    }

    private static EqualConstraint<Status> Fails(Status status) =>
        Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(status);

    private static void Write(VersionDraft draft, ulong page, int content) =>
        draft.Write(new PageNumber(page), VolumeModel.Page(content));

    private void Commit(VersionDraft draft) => _volume.Commit(draft, DateTimeOffset.UnixEpoch).Dispose();

    private static int[] Contents(VersionDraft draft, params ulong[] pages) =>
        [.. pages.Select(page => Content(buffer => draft.ReadPage(new PageNumber(page), buffer)))];

    private int[] Read(ulong interval, params ulong[] pages)
    {
        using VersionMap map = _volume.OpenMap(_record, new StateInterval(interval));
        return [.. pages.Select(page => Content(buffer => map.ReadPage(new PageNumber(page), buffer)))];
    }

    private static int Content(Action<byte[]> read)
    {
        byte[] page = VolumeModel.Page(-1);
        read(page);
        int content = BitConverter.ToInt32(page);
        Assert.That(page, Is.EqualTo(VolumeModel.Page(content)));
        return content;
    }

    private void AssertSound() => Assert.That(_volume.Verify().Damages, Is.Empty);
}
