using System.Reflection;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Tracing;
using Runtime.Native;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core.Tracing;

/// <summary>A trace sees each call between kernel and manager, and changes none.</summary>
public partial class ManagerTraceTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int PageSize = PageNumber.Size;

    private TestTrace _trace = new();
    private long? _budget;

    private protected override ManagerTrace Trace => _trace = new TestTrace();

    protected override long? MemoryBudget => _budget;

    [TearDown]
    public void ForgetBudget() => _budget = null;

    [Test]
    public void Calls_are_seen_in_order_with_what_they_are_about_and_what_came_of_them()
    {
        using (Container container = Open("a \"name\"", pageCount: 4))
        {
            container.View.Read<byte>(PageSize + 8);
            container.View.Write(PageSize + 8, (byte)1);            // the page is there: no manager is asked
            container.View.Write(2 * PageSize, (byte)1);
            container.TakeSnapshot().WaitForDurable();
        }

        Assert.That(_trace.Lines, Is.EqualTo(
        [
            "open_container(\"a \\\"name\\\"\") → Success, t1",
            "container_fault(m, t1 \"a \\\"name\\\"\", 0x1008, Read) → Success",
            "container_fault(m, t1 \"a \\\"name\\\"\", 0x2000, Write) → Success",
            "container_snapshot(t1 \"a \\\"name\\\"\", 1) → Success",
            "container_stabilise_request(t1 \"a \\\"name\\\"\", 1) → Success",
            "snapshot_is_recoverable(t1 \"a \\\"name\\\"\", 1) → Success",
            "close_container(t1 \"a \\\"name\\\"\") → Success",
        ]));
        Assert.That(_trace.Begun.Select(call => call.Number), Is.EqualTo([1, 2, 3, 4, 5, 6, 7]));
        Assert.That(_trace.Begun.Select(call => call.Status), Has.All.Null);
        Assert.That(_trace.Ended.Select(call => call.Manager), Has.All.EqualTo("versioned"));
        Assert.That(_trace.Ended.Select(call => call.Depth), Has.All.Zero);
        Assert.That(_trace.Begun.Select(call => call.At), Is.Ordered);
    }

    [Test]
    public void Every_call_that_there_is_is_seen()
    {
        _budget = OperatingSystem.IsWindows() ? 64 << 20 : 1 << 20;
        Kernel.Dispose();
        Boot();
        TestTrace trace = _trace;
        long pages = _budget.Value / PageSize;
        Container container = Open(pageCount: 2 * pages);
        Token token = Manager.LastToken;
        Snapshot first = Cut(container);
        StateInterval second = Cut(container).Interval;

        for (long page = 1; page < pages + 64; page++)
        {
            container.View.Read<byte>(page * PageSize);             // page_discard
        }

        Manager.OnSave = _ => Status.IoError;
        container.View.Write(0, 3L);
        Assert.That(() => container.TakeSnapshot().WaitForDurable(), Throws.InstanceOf<KernelException>());
        Manager.OnSave = null;
        Cut(container);

        using (PageSet set = Manager.Calls.PageSetCreate(2))
        {
            set.Take(2, out _);
            Manager.Calls.LcdInstall(set, token, new PageNumber(0), new byte[PageSize]);
        }

        Manager.Calls.LcdProtect(token, new PageNumber(0), access: null);
        Manager.Calls.LcdScanDirty(token, default, out _);
        Manager.Calls.LcdBeginWriteback(token, new PageNumber(0), 1, out _);
        Manager.Calls.LcdRead(token, new PageNumber(0), new byte[PageSize]);
        Manager.Calls.LcdEndWriteback(token, new PageNumber(0), 1, isSaved: true, out _);
        container.View.Advise(0, PageSize, AccessPattern.Sequential);
        Manager.Calls.LcdRemove(token, new PageNumber(0), content: [], out _);
        Manager.Calls.QualityOfService(token, ServiceLevel.Snapshotting);
        Manager.Calls.StateIntervalStable(token, first.Interval);
        Manager.Calls.SnapshotDiscard(token, first.Interval);
        Kernel.QueryStateInterval("a", second);
        Manager.Calls.GetRootPage(token, out _);
        Manager.Joins = true;
        using (Container other = Open("other"))
        {
            Kernel.TakeSnapshot([container, other])[1].WaitForDurable();    // commit_together
        }

        Open("cold").Dispose();
        Kernel.Options.Entries.Add("nothing", locus => locus.Return());
        using (Capability cold = Kernel.GetCapability("cold"))
        {
            Kernel.Calls.ContainerSetInvoke(cold.Reference, "nothing");
            Kernel.Invoke(cold);                                    // invoke_no_support
        }

        using (Container rooted = Open("rooted"))
        {
            Manager.Calls.MapRootPage(Manager.LastToken, 0);
        }

        container.Resize(4 * PageSize);
        container.Restore(second);
        Kernel.Rollback("a");
        Kernel.History("a");
        Kernel.RemoveManager("a");
        Kernel.SetManager("a", "heir");                             // manage_request, set_manager
        Assert.That(() => Kernel.CloneContainer("a", "b"), Throws.InstanceOf<KernelException>());
        Assert.That(() => Kernel.DiscardVersions("a", [second]), Throws.InstanceOf<KernelException>());
        using (Capability capability = container.GetCapability())
        {
            Kernel.Calls.SnapshotRequest(capability.Reference);
            Kernel.Calls.ContainerDestroy(capability.Reference);
        }

        Assert.That(trace.Ended.Select(call => call.Name).Distinct().Order(StringComparer.Ordinal),
            Is.EqualTo(ManagerTrace.CallNames.Order(StringComparer.Ordinal)));
        Assert.That(trace.Find("page_discard").Result, Is.Positive);
        Assert.That(trace.Find("state_interval_query").ToString(), Does.EndWith("→ Success, Stable"));
        Assert.That(trace.Find("manage_request").ToString(), Is.EqualTo("manage_request(\"a\") → Success, accepted"));
        Assert.That(trace.Find("set_manager").Depth, Is.EqualTo(1));
        Assert.That(trace.Find("set_manager").Manager, Is.EqualTo("heir"));
        Assert.That(trace.Find("open_container").Depth, Is.EqualTo(2));
        Assert.That(trace.Find("lcd_protect").ToString(), Does.Contain("(t1 \"a\", 0x0, None)"));
        Assert.That(trace.Find("clone_container").Status, Is.EqualTo(Status.NotSupported));
        Assert.That(trace.Find("snapshot_request").Direction, Is.EqualTo(CallDirection.CallerToKernel));
        Assert.That(trace.Find("lcd_install").Direction, Is.EqualTo(CallDirection.ManagerToKernel));
        Assert.That(trace.Begun, Has.Count.EqualTo(trace.Ended.Count));
    }

    /// <summary>Otherwise a new upcall would end at what the base class does, without reaching the manager.</summary>
    [Test]
    public void Every_upcall_and_every_service_has_a_name_and_every_upcall_is_passed_on()
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        MethodInfo[] upcalls =
            [.. typeof(Manager).GetMethods(Own).Where(method => method.IsVirtual && !method.IsFinal)];
        Assert.That(
            typeof(TracedManager).GetMethods(Own).Where(method => method.IsVirtual).Select(method => method.Name),
            Is.SupersetOf(upcalls.Select(method => method.Name)));

        IEnumerable<string> names = upcalls
            .Where(method => !method.IsSpecialName && method.Name is not ("Dispose" or "Await"))
            .Concat(typeof(ManagerServices).GetMethods(BindingFlags.Instance | BindingFlags.Public
                | BindingFlags.DeclaredOnly))
            .Select(method => method.Name)
            .Concat(["PageSetTake", "SnapshotRequest"])
            .Select(name => WordBegin().Replace(name, "_").ToLowerInvariant());
        Assert.That(ManagerTrace.CallNames, Is.EquivalentTo(names));
    }

    [Test]
    public void A_call_made_during_another_one_is_deeper()
    {
        using Container container = Open();
        Manager.OnFault = () => Manager.Calls.QualityOfService(Manager.LastToken, ServiceLevel.Snapshotting);
        container.View.Read<byte>(0);

        TracedCall fault = _trace.Find("container_fault");
        TracedCall service = _trace.Find("quality_of_service");
        Assert.That((fault.Depth, service.Depth), Is.EqualTo((0, 1)));
        Assert.That(service.Number, Is.EqualTo(fault.Number + 1));
        Assert.That(service.At, Is.GreaterThanOrEqualTo(fault.At));
        Assert.That(fault.Elapsed, Is.GreaterThanOrEqualTo(service.Elapsed));
    }

    [Test]
    public void A_refusal_and_an_exception_are_seen_with_their_status()
    {
        using Container container = Open();
        Manager.OnCut = _ => Status.NoResources;
        container.View.Write(0, 1L);
        Assert.That(() => container.TakeSnapshot(), Throws.InstanceOf<KernelException>());
        Manager.OnCut = null;
        Assert.That(_trace.Find("container_snapshot").Status, Is.EqualTo(Status.NoResources));

        foreach ((Exception thrown, Status status) in new (Exception, Status)[]
        {
            (new KernelException(Status.IoError, "a disk"), Status.IoError),
            (new InvalidOperationException("a mistake"), Status.ManagerFailed),
        })
        {
            Manager.OnFault = () => throw thrown;
            Assert.That(() => container.View.Read<byte>(PageSize), Throws.InstanceOf<ContainerFaultException>());
            Assert.That(_trace.Find("container_fault").Status, Is.EqualTo(status));
        }

        Manager.OnFault = null;
        Assert.That(container.View.Read<byte>(PageSize), Is.Zero);
    }

    [Test]
    public void Nothing_fails_because_a_trace_throws_and_what_it_calls_itself_is_not_seen()
    {
        using Container container = Open();
        int thrown = 0;
        _trace.OnReturned = _ =>
        {
            Manager.Calls.QualityOfService(Manager.LastToken, ServiceLevel.Snapshotting);
            thrown++;
            throw new InvalidOperationException("not a good observer");
        };
        container.View.Write(0, 7L);
        Cut(container);
        Assert.That(container.View.Read<long>(PageSize), Is.Zero);
        _trace.OnReturned = null;

        Assert.That(thrown, Is.EqualTo(5), "two faults, and three calls of the snapshot");
        Assert.That(_trace.Ended.Select(call => call.Name), Has.None.EqualTo("quality_of_service"));
        Assert.That(_trace.Ended.Select(call => call.Depth), Has.All.Zero);
    }

    [Test]
    public void Calls_of_many_threads_are_all_seen_each_once()
    {
        const int Threads = 8;
        const int PagesEach = 500;
        using Container container = Open(pageCount: Threads * PagesEach);
        Wine.TouchChunks(container);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            for (long page = index; page < Threads * PagesEach; page += Threads)
            {
                container.View.Write(page * PageSize, page + 1);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        TracedCall[] calls = [.. _trace.Ended];
        Assert.That(calls.Count(call => call.Name == "container_fault"), Is.EqualTo(Threads * PagesEach));
        Assert.That(
            calls.Select(call => call.Number).Order(),
            Is.EqualTo(Enumerable.Range(1, calls.Length).Select(number => (long)number)));
        Assert.That(calls.Where(call => call.Name == "container_fault").Select(call => call.Offset).Distinct().Count(),
            Is.EqualTo(Threads * PagesEach));
    }

    private static Snapshot Cut(Container container)
    {
        container.View.Write(0, container.View.Read<long>(0) + 1);
        Snapshot snapshot = container.TakeSnapshot();
        snapshot.WaitForDurable();
        return snapshot;
    }

    [GeneratedRegex("(?<!^)(?=[A-Z])")]
    private static partial Regex WordBegin();
}
