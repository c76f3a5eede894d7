using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Tracing;
using Runtime.Native;
using Runtime.Tests.Core;
using Runtime.Tests.Native;
using Runtime.Tool.Tracing;

namespace Runtime.Tests.Tool.Tracing;

/// <summary>The order of the lines, whatever the order in which calls return.</summary>
public class TraceRecorderTests(TrapEngine engine) : KernelFixture(engine)
{
    private StringWriter _output = new();
    private TextWriter _synchronized = TextWriter.Null;             // guards _output
    private TraceRecorder _recorder = null!;

    private protected override ManagerTrace Trace
    {
        get
        {
            _output = new StringWriter { NewLine = "\n" };
            _synchronized = TextWriter.Synchronized(_output);
            var writer = new TraceWriter(_synchronized, names: null, json: false);
            return _recorder = new TraceRecorder(writer, TimeSpan.FromMilliseconds(20));
        }
    }

    [TearDown]
    public void End() => _recorder.Dispose();

    [Test]
    public void A_call_made_during_another_one_stands_below_it()
    {
        using Container container = Open();
        var token = new Token(container.Record.Id);
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            Manager.Calls.LcdScanDirty(token, default, out IReadOnlyList<PageNumber> _);
            Manager.Supply(in fault);
            return Status.Success;
        };
        container.View.Read<byte>(0);
        Manager.OnFault = null;
        _recorder.Dispose();

        // A machine that was busy for long makes lines of calls that had not returned yet.
        string[] lines = [.. Lines().Where(line => !line.Contains("has not returned", StringComparison.Ordinal))];
        Assert.That(lines, Has.Length.EqualTo(3));
        if (Lines().Length == 3)
        {
            Assert.That(lines[1], Does.Contain("] kernel → manager  container_fault("));
            Assert.That(lines[2], Does.Contain("] manager → kernel    lcd_scan_dirty("));
        }
    }

    [Test]
    public void A_manager_that_hangs_is_seen_hanging()
    {
        using Container container = Open();
        using var mayGoOn = new ManualResetEventSlim();
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            mayGoOn.Wait();
            Manager.Supply(in fault);
            return Status.Success;
        };
        var reader = new Thread(() => container.View.Read<byte>(0));
        reader.Start();
        SpinWait.SpinUntil(() => Lines().Any(line => IsFault(line) && line.EndsWith(" ... has not returned")));
        mayGoOn.Set();
        reader.Join();
        Manager.OnFault = null;
        _recorder.Dispose();

        string[] faults = [.. Lines().Where(IsFault)];
        Assert.That(faults, Has.Length.EqualTo(2));
        Assert.That(faults[1], Does.Contain("→ Success ("));
        Assert.That(faults[0].Split("ms")[0], Is.EqualTo(faults[1].Split("ms")[0]), "number and beginning");
    }

    [Test]
    public void Lines_of_many_threads_are_in_the_order_of_their_numbers()
    {
        const int Threads = 8;
        const int Pages = 2000;
        using Container container = Open(pageCount: Pages);
        Wine.TouchChunks(container);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            for (long page = index; page < Pages; page += Threads)
            {
                container.View.Read<byte>(page * PageNumber.Size);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        _recorder.Dispose();

        // What took long is written twice: its place is the first.
        long[] numbers = [.. Lines().Select(line => long.Parse(line.TrimStart().Split(' ')[0]))];
        Assert.That(numbers.Distinct(), Is.EqualTo(Enumerable.Range(1, Pages + 1).Select(number => (long)number)));
    }

    [Test]
    public void What_has_not_returned_at_the_end_is_written_then()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            _recorder.Dispose();
            Manager.Supply(in fault);
            return Status.Success;
        };
        container.View.Read<byte>(0);
        Manager.OnFault = null;
        Assert.That(Lines()[^1], Does.Match("container_fault.* [.]{3} has not returned$"));
    }

    private static bool IsFault(string line) => line.Contains("container_fault(", StringComparison.Ordinal);

    private string[] Lines()
    {
        lock (_synchronized)
        {
            return _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }
}
