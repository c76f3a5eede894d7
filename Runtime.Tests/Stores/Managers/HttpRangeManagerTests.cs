using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;
using Runtime.Tests.Support;
using Habit = Runtime.Tests.Stores.Managers.RangeServer.Habit;

namespace Runtime.Tests.Stores.Managers;

/// <summary>A remote file over loopback, from a server that does whatever servers do.</summary>
public class HttpRangeManagerTests : ManagerContract
{
    private RangeServer _server = null!;
    private HttpRangeOptions _options = null!;

    private protected override bool IsReadOnly => true;

    [SetUp]
    public void StartServer()
    {
        _server = new RangeServer(Pattern.Bytes(Length));
        _options = new HttpRangeOptions { ReadAhead = 0 };
    }

    [TearDown]
    public void StopServer() => _server.Dispose();

    [Test]
    public void A_unit_is_one_request()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        Assert.That(_server.Requests, Is.EqualTo(1));
        for (int page = 0; page < PageCount; page++)
        {
            AssertPage(container, page, "on the way");
        }

        Assert.That(_server.Requests, Is.EqualTo(1 + 19));
    }

    [Test]
    public void With_read_ahead_most_requests_are_made_before_anybody_waits()
    {
        _server.Delay = TimeSpan.FromMilliseconds(2);
        int waits = Waits(readAhead: 0);
        int requests = _server.Requests;
        int waitsAhead = Waits(readAhead: 256);
        TestContext.Out.WriteLine(
            $"without read-ahead {requests} requests, {waits} waited for; "
                + $"with it {_server.Requests - requests} and {waitsAhead}");
        Assert.That(waits, Is.EqualTo(19));
        Assert.That(waitsAhead, Is.LessThan(waits));
        Assert.That(_server.Requests - requests, Is.LessThan(requests));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_resource_that_changes_is_refused_and_never_mixed(bool isTold)
    {
        _server.IgnoresConditions = !isTold;
        using Kernel kernel = Boot();
        using (Container container = Open(kernel))
        {
            AssertPage(container, 0, "before");
            _server.Content = new byte[Length];
            _server.Tag = "\"two\"";
            KernelException failure = AssertFails(() => container.View.Read<byte>(99 * 4096), Status.IoError);
            Assert.That(failure.InnerException!.Message, Does.Contain("has changed since it was opened"));
            AssertPage(container, 1, "what is in memory");

            int requests = _server.Requests;
            AssertFails(() => container.View.Read<byte>(99 * 4096), Status.IoError);
            Assert.That(_server.Requests, Is.EqualTo(requests), "no further request: it will not change back");
        }

        using Container again = Open(kernel);
        Assert.That(again.View.Read<byte>(99 * 4096), Is.Zero);
    }

    [Test]
    public void Without_a_tag_the_time_of_the_last_change_tells()
    {
        _server.Tag = "W/\"weak\"";
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        AssertPage(container, 0, "before");
        _server.LastModified += TimeSpan.FromSeconds(1);
        AssertFails(() => container.View.Read<byte>(99 * 4096), Status.IoError);
    }

    [Test]
    public void Without_either_only_who_says_so_may_open_it()
    {
        (_server.Tag, _server.LastModified) = (null, null);
        using (Kernel kernel = Boot())
        {
            AssertFails(() => Open(kernel), Status.NotSupported);
        }

        _options = _options with { AllowsUnversioned = true };
        using (Kernel kernel = Boot())
        {
            using Container container = Open(kernel);
            AssertPage(container, 0, "before");
            _server.Content = new byte[Length - 1];
            AssertFails(() => container.View.Read<byte>(99 * 4096), Status.IoError);
        }
    }

    [Test]
    public void An_answer_that_is_cut_short_is_resumed_where_it_ended()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        _server.Misbehave(Habit.Truncate, requests: 3);
        AssertPage(container, 40, "resumed");
        AssertPage(container, 32, "resumed");
        AssertPage(container, 47, "resumed");
        Assert.That(_server.Requests, Is.EqualTo(1 + 4));
    }

    [Test]
    public void One_that_is_always_cut_short_fails_after_some_attempts()
    {
        // Counted here, and not by the server: what an aborted connection swallowed the client itself sends again.
        using var counting = new CountingHandler();
        _options = _options with { Handler = counting };
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        _server.Misbehave(Habit.Truncate);
        AssertFails(() => container.View.Read<byte>(0), Status.IoError);
        Assert.That(counting.Requests, Is.EqualTo(1 + 4));
        _server.Misbehave(Habit.Truncate, requests: 0);
        AssertPage(container, 0, "next time");
    }

    [Test]
    public void A_server_that_stalls_is_asked_again_and_then_it_is_too_late()
    {
        _options = _options with { StallLimit = TimeSpan.FromMilliseconds(200), Attempts = 2 };
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        _server.Misbehave(Habit.Stall, requests: 1);
        AssertPage(container, 0, "after one stall");
        _server.Misbehave(Habit.Stall);
        AssertFails(() => container.View.Read<byte>(99 * 4096), Status.DeadlineExceeded);
        _server.Misbehave(Habit.Stall, requests: 0);
        AssertPage(container, 99, "next time");
    }

    [Test]
    public void A_server_that_fails_for_a_moment_is_asked_again()
    {
        using Kernel kernel = Boot();
        _server.Misbehave(Habit.Fail, requests: 2);
        Container container = Open(kernel);
        _server.Misbehave(Habit.Fail, requests: 2);
        AssertPage(container, 0, "after some failures");
        _server.Misbehave(Habit.Fail);
        AssertFails(() => container.View.Read<byte>(99 * 4096), Status.IoError);
    }

    [Test]
    public void A_server_that_knows_no_ranges_is_refused_at_once_and_later()
    {
        using Kernel kernel = Boot();
        _server.Misbehave(Habit.Ignore, requests: 1);
        AssertFails(() => Open(kernel), Status.NotSupported);
        Assert.That(kernel.Containers, Is.Empty);
        using Container container = Open(kernel);
        _server.Misbehave(Habit.Ignore, requests: 1);
        AssertFails(() => container.View.Read<byte>(0), Status.NotSupported);
        AssertPage(container, 0, "next time");
    }

    [TestCase(Habit.ShiftRange)]
    [TestCase(Habit.Encode)]
    public void What_was_not_asked_for_is_not_taken(object habit)
    {
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        _server.Misbehave((Habit)habit, requests: 1);
        AssertFails(() => container.View.Read<byte>(8192), Status.NotSupported);
        AssertPage(container, 2, "next time");
    }

    [Test]
    public void What_is_not_there_is_not_opened_and_a_name_stays_below_the_root()
    {
        using Kernel kernel = Boot();
        AssertFails(() => kernel.OpenContainer("b", 0, "http"), Status.ContainerGone);
        AssertDenied(() => kernel.OpenContainer("../files/a", 0, "http"));
        AssertDenied(() => kernel.OpenContainer("/files/a", 0, "http"));
        _server.Content = [];
        Assert.That(Open(kernel).Length, Is.Zero);
    }

    [Test]
    public void A_server_that_is_gone_is_an_error()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        _server.Dispose();
        AssertFails(() => container.View.Read<byte>(0), Status.IoError);
    }

    [Test, Deadline(60)]
    public void Faults_of_all_threads_of_the_pool_come_through()
    {
        ThreadPool.GetMinThreads(out int threads, out _);
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        using var together = new CountdownEvent(threads);
        Task[] faults = [.. Enumerable.Range(0, threads).Select(i => Task.Run(() =>
        {
            together.Signal();
            together.Wait();
            AssertPage(container, i * 16, "of the pool");
        }))];
        Task.WaitAll(faults);
    }

    private int Waits(int readAhead)
    {
        _options = _options with { ReadAhead = readAhead };
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        for (int page = 0; page < PageCount; page++)
        {
            AssertPage(container, page, "on the way");
            if (page == 100 && readAhead > 0)
            {
                // A reader faster than the server gains nothing: let what was planned come.
                Assert.That(
                    () => container.Statistics.ResidentPages, Is.GreaterThan(112).After(10_000, 10), "foreseen");
            }
        }

        return (int)container.Statistics.Upcalls;
    }

    private protected override void Expect(int page, Span<byte> content) => Pattern.FillPage(page, content);

    private protected override void Configure(KernelOptions options) =>
        options.Managers.Add("http", () => new HttpRangeManager(_server.Root, _options));

    private protected override Container Open(Kernel kernel) => kernel.OpenContainer(Name, 0, "http");

    private sealed class CountingHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        internal int Requests { get; private set; }

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Requests++;
            return base.Send(request, cancellationToken);
        }
    }
}
