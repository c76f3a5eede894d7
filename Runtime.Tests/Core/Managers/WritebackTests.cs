using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Managers;

/// <summary>Pages that are written away while they stay in memory: one that is written again stays dirty.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class WritebackTests(TrapEngine engine)
{
    private const int Size = PageNumber.Size;
    private const int Pages = 1024;

    private KeepingManager _manager = null!;
    private Kernel _kernel = null!;
    private Container _container = null!;
    private Token _token;

    [SetUp]
    public void Open()
    {
        _manager = new KeepingManager();
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "keeping",
            Engine = engine,
        };
        options.Managers.Add("keeping", () => _manager);
        _kernel = Kernel.Boot(options);
        _container = _kernel.OpenContainer("a", Pages * Size);
        _token = new Token(_container.Record.Id);
        Wine.TouchChunks(_container);
        _container.View.Read<byte>(200 * Size);                     // its chunk stays when the others of it go
    }

    [TearDown]
    public void Close()
    {
        _container.Dispose();
        _kernel.Dispose();
        _manager.Dispose();
    }

    [Test]
    public void What_was_written_away_is_clean_and_what_was_written_again_is_not()
    {
        Write(3, 4, 5, 300, 900);
        Assert.That(Begin(0, 500), Is.EqualTo([3, 4, 5, 300]));
        Assert.That(_manager.TryKeep(0, new PageNumber(4), Read(4)), Is.True);
        _container.View.Write(5 * Size, 55L);
        Assert.That(_container.View.Read<long>(300 * Size), Is.EqualTo(300), "reading is not writing");
        Assert.That(End(0, 500), Is.EqualTo(3));

        Assert.That(Remove(5), Is.EqualTo(Status.Busy), "dirty");
        Assert.That(Remove(900), Is.EqualTo(Status.Busy), "of another range");
        Assert.That(Remove(4), Is.EqualTo(Status.Success));
        Assert.That(_container.View.Read<long>(4 * Size), Is.EqualTo(4), "from its manager");
        _container.View.Write((3 * Size) + 8, 1L);
        Assert.That(Remove(3), Is.EqualTo(Status.Busy), "a write is noticed as ever");

        Assert.That(_container.Statistics.DirtyPages, Is.EqualTo(5), "the interval has written them all");
        Assert.That(_container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(5));
        Assert.That(_manager.CutPages, Is.EqualTo(3), "of the others the manager has the content");
        Assert.That(Begin(0, Pages), Is.Empty);
        Assert.That(End(0, Pages), Is.Zero);
    }

    [Test]
    public void What_could_not_be_written_away_stays_dirty()
    {
        Write(3, 4);
        Begin(0, Pages);
        Assert.That(End(0, Pages, isSaved: false), Is.Zero);
        Assert.That(Remove(3), Is.EqualTo(Status.Busy));
        Assert.That(Begin(0, Pages), Is.EqualTo([3, 4]), "again");
        Assert.That(End(0, Pages), Is.EqualTo(2));
    }

    [Test]
    public void A_cut_in_between_takes_the_pages()
    {
        Write(3, 4);
        Begin(0, Pages);
        _container.TakeSnapshot().WaitForDurable();
        Assert.That(_manager.CutPages, Is.EqualTo(2));
        Write(4);
        Assert.That(End(0, Pages), Is.Zero);
        Assert.That(Remove(4), Is.EqualTo(Status.Busy), "dirty in the next interval");
        Assert.That(_container.TakeSnapshot().Info.PagesChanged, Is.EqualTo(1));
    }

    [Test]
    public void What_a_write_lease_holds_is_left_out()
    {
        Write(3, 4);
        using (Lease lease = _container.View.Lease(4 * Size, 8, Access.Write))
        {
            Assert.That(Begin(0, Pages), Is.EqualTo([3]));
            lease.Span[0] = 9;
        }

        Assert.That(End(0, Pages), Is.EqualTo(1));
        Assert.That(Begin(0, Pages), Is.EqualTo([4]));
        using (Lease lease = _container.View.Lease(4 * Size, 8, Access.Write))
        {
            lease.Span[0] = 10;
        }

        Assert.That(End(0, Pages), Is.Zero, "a lease that came later has written");
    }

    [Test]
    public void Every_refusal_has_its_status()
    {
        Write(3);
        Begin(10, 20);
        Status Begins(ulong first, int count, ulong? token = null) => _manager.Calls.LcdBeginWriteback(
            token is { } other ? new Token(other) : _token, new PageNumber(first), count, out _);
        Status Ends(ulong first, int count, ulong? token = null) => _manager.Calls.LcdEndWriteback(
            token is { } other ? new Token(other) : _token, new PageNumber(first), count, true, out _);
        Status Reads(ulong page, ulong? token = null) => _manager.Calls.LcdRead(
            token is { } other ? new Token(other) : _token, new PageNumber(page), new byte[Size]);

        Assert.Multiple(() =>
        {
            Assert.That(Begins(29, 5), Is.EqualTo(Status.Busy));
            Assert.That(Begins(0, 11), Is.EqualTo(Status.Busy));
            Assert.That(Begins(30, 5), Is.EqualTo(Status.Success));
            Assert.That(Begins(0, 0), Is.EqualTo(Status.OutOfRange));
            Assert.That(Begins(Pages - 1, 2), Is.EqualTo(Status.OutOfRange));
            Assert.That(Begins(0, 1, token: 99), Is.EqualTo(Status.NotYourContainer));
            Assert.That(Ends(10, 19), Is.EqualTo(Status.OutOfRange));
            Assert.That(Ends(10, 20, token: 99), Is.EqualTo(Status.NotYourContainer));
            Assert.That(Ends(10, 20), Is.EqualTo(Status.Success));
            Assert.That(Ends(10, 20), Is.EqualTo(Status.OutOfRange));
            Assert.That(Reads(3), Is.EqualTo(Status.Success));
            Assert.That(Reads(700), Is.EqualTo(Status.NotYourFrame));
            Assert.That(Reads(Pages), Is.EqualTo(Status.OutOfRange));
            Assert.That(Reads(3, token: 99), Is.EqualTo(Status.NotYourContainer));
            Assert.That(
                () => _manager.Calls.LcdRead(_token, new PageNumber(3), new byte[7]),
                Throws.TypeOf<ArgumentOutOfRangeException>());
        });
    }

    /// <summary>Clean pages are taken out of memory all the time, so what End forgot would be lost at once.</summary>
    [Test, Deadline(120)]
    public void Nothing_is_lost_while_writers_cuts_and_evictions_race_with_writeback()
    {
        const int Hot = 24;
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        long until = Environment.TickCount64 + 3000;
        var counts = new long[3];
        Exception? failure = null;
        int cleaned = 0;
        int removed = 0;
        Thread Run(Action body)
        {
            var thread = new Thread(() =>
            {
                try
                {
                    while (Environment.TickCount64 < until)
                    {
                        body();
                    }
                }
                catch (Exception thrown)
                {
                    failure = thrown;
                }
            });
            thread.Start();
            return thread;
        }

        var random = new Random(seed);
        List<Thread> threads =
        [
            .. Enumerable.Range(0, counts.Length).Select(writer => Run(() =>
            {
                long offset = (counts[writer] % Hot * Size) + (writer * sizeof(long));
                _container.View.Write(offset, _container.View.Read<long>(offset) + 1);
                counts[writer]++;
            })),
            Run(() => cleaned += WriteBack(Hot)),
            Run(() =>
            {
                Thread.Sleep(random.Next(10));
                _container.TakeSnapshot();
            }),
            Run(() =>
            {
                for (int page = 0; page < Hot; page++)
                {
                    removed += Remove(page) == Status.Success ? 1 : 0;
                }
            }),
        ];
        threads.ForEach(thread => thread.Join());
        Assert.That(failure, Is.Null);
        TestContext.Out.WriteLine($"{counts.Sum()} writes, {cleaned} pages cleaned, {removed} removed");
        Assert.That(cleaned, Is.Positive);
        AssertSums(counts, Hot, "in memory");
        _container.TakeSnapshot().WaitForDurable();
        for (int page = 0; page < Hot; page++)
        {
            Assert.That(Remove(page), Is.EqualTo(Status.Success));
        }

        AssertSums(counts, Hot, "as its manager has it");
    }

    private int WriteBack(int pages)
    {
        int cuts = _manager.Cuts;
        bool isSaved = true;
        foreach (int page in Begin(0, pages))
        {
            var content = new byte[Size];
            var number = new PageNumber((ulong)page);
            isSaved &= _manager.Calls.LcdRead(_token, number, content) == Status.Success
                && _manager.TryKeep(cuts, number, content);
        }

        return End(0, pages, isSaved);
    }

    private void AssertSums(long[] counts, int pages, string where)
    {
        for (int writer = 0; writer < counts.Length; writer++)
        {
            long sum = Enumerable.Range(0, pages)
                .Sum(page => _container.View.Read<long>((page * Size) + (writer * sizeof(long))));
            Assert.That(sum, Is.EqualTo(counts[writer]), $"writer {writer}, {where}");
        }
    }

    private void Write(params int[] pages)
    {
        foreach (int page in pages)
        {
            _container.View.Write(page * Size, (long)page);
        }
    }

    private int[] Begin(int first, int count)
    {
        Assert.That(
            _manager.Calls.LcdBeginWriteback(
                _token, new PageNumber((ulong)first), count, out IReadOnlyList<PageNumber> pages),
            Is.EqualTo(Status.Success));
        return [.. pages.Select(page => (int)page.Value)];
    }

    private int End(int first, int count, bool isSaved = true)
    {
        Assert.That(
            _manager.Calls.LcdEndWriteback(_token, new PageNumber((ulong)first), count, isSaved, out int cleaned),
            Is.EqualTo(Status.Success));
        return cleaned;
    }

    private byte[] Read(int page)
    {
        var content = new byte[Size];
        Assert.That(
            _manager.Calls.LcdRead(_token, new PageNumber((ulong)page), content), Is.EqualTo(Status.Success));
        return content;
    }

    private Status Remove(int page) =>
        _manager.Calls.LcdRemove(_token, new PageNumber((ulong)page), [], out _);
}
