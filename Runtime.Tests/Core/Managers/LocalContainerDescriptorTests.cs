using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Managers;

/// <summary>Page sets and local container descriptors, call by call, by docs/semantics.md.</summary>
public class LocalContainerDescriptorTests(TrapEngine engine) : KernelFixture(engine)
{
    private const int PageSize = PageNumber.Size;
    private const int Pages = 1024;

    private Container _container = null!;
    private PageSet _set = null!;
    private Token _token;

    [SetUp]
    public void OpenContainer()
    {
        _container = Open(pageCount: Pages);
        _container.View.Read<byte>(1000 * PageSize);                // and where memory comes by chunk, its chunk
        Wine.TouchChunks(_container);
        _container.View.Read<byte>(200 * PageSize);                 // the first chunk stays when pages of it go
        _token = new Token(_container.Record.Id);
        _set = Manager.Calls.PageSetCreate(100);
        Assert.That(_set.Take(50, out int granted), Is.EqualTo(Status.Success));
        Assert.That(granted, Is.EqualTo(50));
    }

    [TearDown]
    public void Close()
    {
        Manager.OnFault = null;
        _set.Dispose();
        _container.Dispose();
    }

    [Test]
    public void Credits_that_nobody_spends_are_taken_back_when_memory_is_wanted()
    {
        using PageSet hoard = Manager.Calls.PageSetCreate(int.MaxValue);
        Assert.That(hoard.Take(int.MaxValue, out int all), Is.EqualTo(Status.Success));
        Assert.That(_set.Take(1, out _), Is.EqualTo(Status.NoResources), "there are no more");
        using Container container = Open("wanting", 4 * Pages);

        for (long page = 0; page < 4 * Pages; page += 256)          // first what else there is has to go
        {
            container.View.Write(page * PageSize, page);
            Assert.That(container.View.Read<long>(page * PageSize), Is.EqualTo(page));
        }

        Assert.That(hoard.Credits, Is.Zero, $"of {all}");
        Assert.That(
            Manager.Calls.LcdInstall(
                hoard, new Token(container.Record.Id), new PageNumber(1), new byte[PageNumber.Size]),
            Is.EqualTo(Status.NotYourFrame));
        Assert.That(hoard.Take(10, out int again), Is.EqualTo(Status.Success));
        Assert.That(again, Is.EqualTo(10));
    }

    [Test]
    public void What_is_installed_is_there_without_an_upcall()
    {
        int before = Manager.Upcalls;
        Assert.That(Install(10, 3, value: 7), Is.EqualTo(Status.Success));
        Assert.That(_set.Credits, Is.EqualTo(47));
        for (int page = 10; page < 13; page++)
        {
            Assert.That(_container.View.Read<long>(page * PageSize), Is.EqualTo(7));
            _container.View.Write(page * PageSize, 8L);
        }

        Assert.That(Manager.Upcalls, Is.EqualTo(before));
        Assert.That(_container.Statistics.DirtyPages, Is.EqualTo(3), "a write is noticed all the same");
    }

    [Test]
    public void Installing_is_all_or_nothing()
    {
        _container.View.Read<byte>(12 * PageSize);
        (int upcalls, long used) = (Manager.Upcalls, Kernel.Statistics.MemoryInUse);
        Assert.That(Install(10, 5, value: 7), Is.EqualTo(Status.AlreadyInstalled));

        Assert.That(_set.Credits, Is.EqualTo(50));
        Assert.That(Kernel.Statistics.MemoryInUse, Is.EqualTo(used));
        Assert.That(_container.View.Read<long>(10 * PageSize), Is.EqualTo(10), "from its manager");
        Assert.That(Manager.Upcalls, Is.EqualTo(upcalls + 1));
    }

    [Test]
    public void Every_refusal_of_an_installation_has_its_status()
    {
        using var stranger = new TestManager();
        using var other = new PageSet(Kernel.Resident, stranger, 10);
        other.Take(10, out _);
        Status With(PageSet set, Token token, ulong first, int bytes, Access access = Access.Read) =>
            Manager.Calls.LcdInstall(set, token, new PageNumber(first), new byte[bytes], access);

        Assert.Multiple(() =>
        {
            Assert.That(With(_set, new Token(99), 0, PageSize), Is.EqualTo(Status.NotYourContainer));
            Assert.That(With(other, _token, 0, PageSize), Is.EqualTo(Status.NotYourFrame));
            Assert.That(With(_set, _token, 0, 51 * PageSize), Is.EqualTo(Status.NotYourFrame), "too few");
            Assert.That(With(_set, _token, 0, 100), Is.EqualTo(Status.NotAligned));
            Assert.That(With(_set, _token, 0, 0), Is.EqualTo(Status.OutOfRange));
            Assert.That(With(_set, _token, Pages, PageSize), Is.EqualTo(Status.OutOfRange));
            Assert.That(With(_set, _token, Pages - 1, 2 * PageSize), Is.EqualTo(Status.OutOfRange));
            Assert.That(With(_set, _token, ulong.MaxValue, PageSize), Is.EqualTo(Status.OutOfRange));
            Assert.That(With(_set, _token, 0, 257 * PageSize), Is.EqualTo(Status.OutOfRange));
            Assert.That(With(_set, _token, 0, PageSize, Access.Write), Is.EqualTo(Status.NotSupported));
            Assert.That(With(_set, _token, 1000, PageSize), Is.EqualTo(Status.AlreadyInstalled));
            Assert.That(_set.Credits, Is.EqualTo(50), "none was spent");
        });
    }

    [Test]
    public void A_fault_can_be_answered_by_an_installation_of_its_page_among_others()
    {
        Manager.OnFault = (in PageFault fault, ContainerRecord _) => Install((int)fault.Page.Value - 1, 3, value: 9);
        int before = Manager.Upcalls;
        Assert.That(_container.View.Read<long>(20 * PageSize), Is.EqualTo(9));
        Assert.That(_set.Credits, Is.EqualTo(48), "the page that was asked for costs none");
        Assert.That(_container.View.Read<long>(19 * PageSize), Is.EqualTo(9));
        Assert.That(_container.View.Read<long>(21 * PageSize), Is.EqualTo(9));
        Assert.That(Manager.Upcalls - before, Is.EqualTo(1));
    }

    [Test]
    public void A_set_holds_no_more_than_its_limit_and_no_more_than_there_is()
    {
        Assert.That(_set.Take(1000, out int granted), Is.EqualTo(Status.Success));
        Assert.That((granted, _set.Credits), Is.EqualTo((50, 100)));
        Assert.That(_set.Take(1, out granted), Is.EqualTo(Status.NoResources));
        Assert.That(granted, Is.Zero);
        Assert.That(() => _set.Take(0, out _), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Manager.Calls.PageSetCreate(0), Throws.TypeOf<ArgumentOutOfRangeException>());

        long used = Kernel.Statistics.MemoryInUse;
        _set.Dispose();
        Assert.That(Kernel.Statistics.MemoryInUse, Is.EqualTo(used - (100 * PageSize)));
        Assert.That(() => _set.Take(1, out _), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_clean_page_is_removed_and_asked_for_again()
    {
        _container.View.Read<long>(30 * PageSize);
        int before = Manager.Upcalls;
        Assert.That(Remove(30, content: [], out bool isDirty), Is.EqualTo(Status.Success));
        Assert.That(isDirty, Is.False);
        Assert.That(_container.View.Read<long>(30 * PageSize), Is.EqualTo(30));
        Assert.That(Manager.Upcalls, Is.EqualTo(before + 1));
        Assert.That(Remove(31, content: [], out _), Is.EqualTo(Status.Success), "not in memory");
    }

    [Test]
    public void A_dirty_page_is_removed_with_its_content_and_still_part_of_the_next_snapshot()
    {
        _container.View.Write(30 * PageSize, 77L);
        Assert.That(Remove(30, content: [], out _), Is.EqualTo(Status.Busy), "where to?");
        var content = new byte[PageSize];
        Assert.That(Remove(30, content, out bool isDirty), Is.EqualTo(Status.Success));
        Assert.That(isDirty, Is.True);
        Assert.That(BitConverter.ToInt64(content), Is.EqualTo(77));
        Assert.That(_container.Statistics.DirtyPages, Is.EqualTo(1), "the manager holds it");
        Assert.That(_container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
    }

    [Test]
    public void What_is_held_is_not_removed()
    {
        using (_container.View.Lease(30 * PageSize, 10, Access.Read))
        {
            Assert.That(Remove(30, content: [], out _), Is.EqualTo(Status.Busy));
            Assert.That(
                Manager.Calls.LcdProtect(_token, new PageNumber(30), null), Is.EqualTo(Status.Busy));
        }

        Assert.Multiple(() =>
        {
            Assert.That(
                Manager.Calls.LcdRemove(new Token(99), new PageNumber(30), [], out _),
                Is.EqualTo(Status.NotYourContainer));
            Assert.That(Remove(Pages, content: [], out _), Is.EqualTo(Status.OutOfRange));
            Assert.That(() => Remove(30, new byte[7], out _), Throws.TypeOf<ArgumentException>());
            Assert.That(Remove(30, content: [], out _), Is.EqualTo(Status.Success));
        });
    }

    [Test]
    public void Protecting_takes_access_away_and_a_fault_gives_it_back_without_an_upcall()
    {
        _container.View.Write(30 * PageSize, 5L);
        (int upcalls, ContainerStatistics before) = (Manager.Upcalls, _container.Statistics);
        Assert.That(Protect(30, Access.Read), Is.EqualTo(Status.Success));
        Assert.That(_container.View.Read<long>(30 * PageSize), Is.EqualTo(5));
        _container.View.Write(30 * PageSize, 6L);
        Assert.That(Protect(30, null), Is.EqualTo(Status.Success));
        Assert.That(_container.View.Read<long>(30 * PageSize), Is.EqualTo(6));

        Assert.That(_container.Statistics.WriteFaults - before.WriteFaults, Is.EqualTo(1));
        Assert.That(_container.Statistics.ReadFaults - before.ReadFaults, Is.EqualTo(1));
        Assert.That(Manager.Upcalls, Is.EqualTo(upcalls));
        Assert.That(_container.Statistics.DirtyPages, Is.EqualTo(1));
        Assert.Multiple(() =>
        {
            Assert.That(Protect(30, Access.Write), Is.EqualTo(Status.PermissionDenied));
            Assert.That(Protect(30, Access.Execute), Is.EqualTo(Status.PermissionDenied));
            Assert.That(Protect(Pages, null), Is.EqualTo(Status.OutOfRange));
            Assert.That(Protect(31, null), Is.EqualTo(Status.Success), "not in memory");
            Assert.That(
                Manager.Calls.LcdProtect(new Token(99), new PageNumber(30), null),
                Is.EqualTo(Status.NotYourContainer));
        });
    }

    [Test]
    public void A_scan_finds_what_was_written_after_an_interval()
    {
        _container.View.Write(5 * PageSize, 1L);
        _container.View.Write(3 * PageSize, 1L);
        Assert.That(Dirty(0), Is.EqualTo([3, 5]));
        _container.TakeSnapshot().WaitForDurable();
        Assert.That(Dirty(0), Is.Empty, "its manager knows");
        _container.View.Write(9 * PageSize, 1L);
        Remove(9, new byte[PageSize], out _);
        Assert.That(Dirty(1), Is.EqualTo([9]));
        Assert.That(
            Manager.Calls.LcdScanDirty(_token, _container.Interval, out _), Is.EqualTo(Status.NoSuchInterval));
        Assert.That(
            Manager.Calls.LcdScanDirty(new Token(99), new StateInterval(0), out _),
            Is.EqualTo(Status.NotYourContainer));
    }

    /// <summary>What is removed is held under a lock that faults take, too.</summary>
    [Test, Deadline(120)]
    public void Nothing_that_was_written_is_lost_while_pages_come_and_go()
    {
        const int Hot = 16;
        var held = new ConcurrentDictionary<ulong, byte[]>();
        var holding = new Lock();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            lock (holding)
            {
                held.GetValueOrDefault(fault.Page.Value)?.CopyTo(fault.Memory);
            }

            fault.Install();
            return Status.Success;
        };
        long until = Environment.TickCount64 + 3000;
        var counts = new long[4];
        Exception? failure = null;
        Thread[] writers = [.. Enumerable.Range(0, counts.Length).Select(writer => new Thread(() =>
        {
            try
            {
                for (; Environment.TickCount64 < until; counts[writer]++)
                {
                    long offset = (counts[writer] % Hot * PageSize) + (writer * sizeof(long));
                    _container.View.Write(offset, _container.View.Read<long>(offset) + 1);
                }
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        }))];
        Array.ForEach(writers, writer => writer.Start());
        var random = new Random(1);
        int removed = 0;
        while (Environment.TickCount64 < until)
        {
            ulong page = (ulong)random.Next(Hot);
            if (random.Next(3) == 0)
            {
                Manager.Calls.LcdProtect(_token, new PageNumber(page), random.Next(2) == 0 ? Access.Read : null);
                continue;
            }

            lock (holding)
            {
                var content = new byte[PageSize];
                if (Remove((int)page, content, out bool isDirty) == Status.Success && isDirty)
                {
                    held[page] = content;
                    removed++;
                }
            }
        }

        Array.ForEach(writers, writer => writer.Join());
        Assert.That(failure, Is.Null);
        Assert.That(removed, Is.Positive);
        for (int writer = 0; writer < counts.Length; writer++)
        {
            long sum = Enumerable.Range(0, Hot)
                .Sum(page => _container.View.Read<long>((page * PageSize) + (writer * sizeof(long))));
            Assert.That(sum, Is.EqualTo(counts[writer]), $"writer {writer}, {removed} pages removed");
        }
    }

    private Status Install(int first, int count, long value)
    {
        var source = new byte[count * PageSize];
        for (int page = 0; page < count; page++)
        {
            MemoryMarshal.Write(source.AsSpan(page * PageSize), in value);
        }

        return Manager.Calls.LcdInstall(_set, _token, new PageNumber((ulong)first), source);
    }

    private Status Remove(int page, Span<byte> content, out bool isDirty) =>
        Manager.Calls.LcdRemove(_token, new PageNumber((ulong)page), content, out isDirty);

    private Status Protect(int page, Access? access) =>
        Manager.Calls.LcdProtect(_token, new PageNumber((ulong)page), access);

    private List<int> Dirty(ulong since)
    {
        Assert.That(
            Manager.Calls.LcdScanDirty(_token, new StateInterval(since), out IReadOnlyList<PageNumber> pages),
            Is.EqualTo(Status.Success));
        return [.. pages.Select(page => (int)page.Value)];
    }
}
