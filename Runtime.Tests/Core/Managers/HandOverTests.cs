using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Managers;

/// <summary>From one manager to another, by docs/semantics.md, "Hand-over".</summary>
public class HandOverTests(TrapEngine engine) : VersionedFixture(engine)
{
    [Test]
    public void In_two_steps_nothing_is_lost_and_intervals_go_on()
    {
        using Container container = Open();
        Write(container, 1, 11);
        container.TakeSnapshot();
        Write(container, 2, 22);
        StateInterval open = container.Interval;

        Kernel.RemoveManager("a");
        Assert.That(Manager.Closed, Is.EqualTo(1));
        Assert.That(container.Statistics.ResidentPages, Is.Zero);
        Assert.That(Kernel.Statistics.MemoryInUse, Is.Zero);
        Assert.That(
            () => Read(container, 1),
            Throws.InstanceOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.NoManager));
        Assert.That(Kernel.Containers.Single().IsUnmanaged);

        Kernel.SetManager("a", "heir");
        Assert.That(Read(container, 1), Is.EqualTo(11));
        Assert.That(Read(container, 2), Is.EqualTo(22));
        Assert.That(container.Interval, Is.GreaterThan(open));
        Assert.That(Kernel.Containers.Single().Manager, Is.EqualTo("heir"));

        Write(container, 3, 33);
        Snapshot snapshot = container.TakeSnapshot();
        snapshot.WaitForDurable();
        Assert.That(
            Kernel.History("a").Select(version => version.Interval), Is.Ordered.And.Contains(snapshot.Interval));
        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        Assert.That(Read(version, 2), Is.EqualTo(22));
        Assert.That(Read(version, 3), Is.EqualTo(33));
    }

    [Test]
    public void A_closed_container_is_opened_for_it()
    {
        Open().Dispose();
        Kernel.RemoveManager("a");
        Kernel.SetManager("a", "heir");
        using Container container = Kernel.OpenContainer("a");
        Assert.That(Read(container, 5), Is.Zero);
        Assert.That(container.IsActivated, Is.False);
    }

    [Test]
    public void The_first_step_is_refused_while_it_is_in_use_and_changes_nothing()
    {
        using Container container = Open();
        Write(container, 1, 11);
        using (container.View.Lease(0, 10, Access.Write))
        {
            Assert.That(StatusOf(() => Kernel.RemoveManager("a")), Is.EqualTo(Status.Busy));
        }

        using (container.View.Lease(0, 10, Access.Read))
        {
            Assert.That(StatusOf(() => Kernel.RemoveManager("a")), Is.EqualTo(Status.LeasesOutstanding));
        }

        Assert.That(Read(container, 1), Is.EqualTo(11));
        Manager.OnSave = _ => Status.NoResources;
        Assert.That(StatusOf(() => Kernel.RemoveManager("a")), Is.EqualTo(Status.NoResources));
        Manager.OnSave = null;
        Assert.That(Read(container, 1), Is.EqualTo(11));
        Assert.That(Manager.Closed, Is.Zero);
        Kernel.RemoveManager("a");
        Assert.That(StatusOf(() => Kernel.RemoveManager("a")), Is.EqualTo(Status.NoManager));
        Assert.That(StatusOf(() => Kernel.RemoveManager("b")), Is.EqualTo(Status.ContainerGone));
    }

    [Test]
    public void The_second_step_needs_the_first()
    {
        using Container container = Open();
        Assert.That(StatusOf(() => Kernel.SetManager("a", "heir")), Is.EqualTo(Status.AlreadyManaged));
        Assert.That(StatusOf(() => Kernel.SetManager("a", "nobody")), Is.EqualTo(Status.NotRegistered));
        Assert.That(StatusOf(() => Kernel.SetManager("b", "heir")), Is.EqualTo(Status.ContainerGone));
        Assert.That(container.Name, Is.EqualTo("a"));
    }

    [Test]
    public void A_closed_container_with_a_manager_needs_it_too()
    {
        Open().Dispose();
        Assert.That(StatusOf(() => Kernel.SetManager("a", "heir")), Is.EqualTo(Status.AlreadyManaged));
        Assert.That(Kernel.Containers.Single().Manager, Is.EqualTo("versioned"));
    }

    [Test]
    public void A_manager_may_decline_or_fail_and_nothing_has_changed()
    {
        using Container container = Open();
        Kernel.RemoveManager("a");
        using Capability manager = Kernel.GetManagerCapability("heir");
        using Capability its = container.GetCapability();

        Heir.OnRequest = (in ManagementRequest request, out bool success) =>
        {
            success = false;
            return request.Container.Name == "a" ? Status.Success : Status.ManagerFailed;
        };
        Assert.That(StatusOf(() => Kernel.SetManager("a", "heir")), Is.EqualTo(Status.PermissionDenied));
        Assert.That(
            Kernel.Calls.ManageRequest(manager.Reference, its.Reference, out bool isAccepted),
            Is.EqualTo(Status.Success));
        Assert.That(isAccepted, Is.False);

        Heir.OnRequest = (in ManagementRequest _, out bool success) => throw new InvalidOperationException("no");
        Assert.That(StatusOf(() => Kernel.SetManager("a", "heir")), Is.EqualTo(Status.ManagerFailed));
        Assert.That(
            Kernel.Calls.ManageRequest(manager.Reference, its.Reference, out _), Is.EqualTo(Status.ManagerFailed));

        Heir.OnRequest = null;
        Heir.OnToken = () => throw new InvalidOperationException("no");
        Assert.That(StatusOf(() => Kernel.SetManager("a", "heir")), Is.EqualTo(Status.ManagerFailed));
        Assert.That(Kernel.Containers.Single(record => record.Name == "a").IsUnmanaged);

        Heir.OnToken = null;
        Kernel.SetManager("a", "heir");
        Assert.That(Read(container, 1), Is.Zero);
    }

    [Test]
    public void The_token_is_the_one_that_was_asked_for_and_nobody_elses()
    {
        using Container container = Open();
        using Container other = Open("b");
        Kernel.RemoveManager("a");
        Kernel.RemoveManager("b");
        using Capability manager = Kernel.GetManagerCapability("heir");
        using Capability first = container.GetCapability();
        using Capability second = other.GetCapability();
        Heir.OnToken = () => new Token(77);

        Assert.That(
            Kernel.Calls.SetManager(first.Reference, manager.Reference, new Token(78)),
            Is.EqualTo(Status.ManagerFailed),
            "it answers another");
        Assert.That(
            Kernel.Calls.SetManager(first.Reference, manager.Reference, new Token(77)), Is.EqualTo(Status.Success));
        Assert.That(
            Kernel.Calls.SetManager(second.Reference, manager.Reference, new Token(77)), Is.EqualTo(Status.TokenInUse));
        Assert.That(
            Kernel.Calls.SetManager(second.Reference, manager.Reference, token: null),
            Is.EqualTo(Status.TokenInUse),
            "it answers it all the same");
        Heir.OnToken = null;
        Assert.That(
            Kernel.Calls.SetManager(second.Reference, manager.Reference, token: null), Is.EqualTo(Status.Success));
    }

    [Test]
    public void Whoever_has_the_rights_hands_over_by_system_calls()
    {
        using Container container = Open();
        Write(container, 1, 11);
        using Capability manager = Kernel.GetManagerCapability("heir");
        using Capability all = container.GetCapability();
        using Capability less = all.Derive(KernelRights.All & ~KernelRights.SetManager);
        using Capability sealedManager = manager.Derive(KernelRights.All & ~KernelRights.Invoke);
        SystemCalls calls = Kernel.Calls;
        Assert.Multiple(() =>
        {
            Assert.That(calls.RemoveManager(less.Reference), Is.EqualTo(Status.PermissionDenied));
            Assert.That(
                calls.SetManager(less.Reference, manager.Reference, token: null), Is.EqualTo(Status.PermissionDenied));
            Assert.That(
                calls.ManageRequest(sealedManager.Reference, all.Reference, out _),
                Is.EqualTo(Status.PermissionDenied));
            Assert.That(
                calls.SetManager(all.Reference, all.Reference, token: null), Is.EqualTo(Status.NoInvocationPoint));
            Assert.That(
                calls.ManageRequest(manager.Reference, all.Reference, out _), Is.EqualTo(Status.AlreadyManaged));
            Assert.That(calls.RemoveManager(all.Reference), Is.EqualTo(Status.Success));
            Assert.That(calls.RemoveManager(all.Reference), Is.EqualTo(Status.NoManager));
        });
        Kernel.Options.Entries.Add("code", locus => locus.Return());
        container.SetInvocationPoint("code");
        Assert.That(calls.SetManager(all.Reference, all.Reference, token: null), Is.EqualTo(Status.NotRegistered));

        Assert.That(
            calls.ManageRequest(manager.Reference, all.Reference, out bool success), Is.EqualTo(Status.Success));
        Assert.That(success);
        Assert.That(Read(container, 1), Is.EqualTo(11));
    }

    [Test]
    public void A_locus_asks_by_invoking_the_managers_container()
    {
        using Container container = Open();
        using Container home = Open("home");
        Kernel.RemoveManager("a");
        using Capability its = container.GetCapability();
        using Capability less = its.Derive(KernelRights.All & ~KernelRights.SetManager);
        using Capability manager = Kernel.GetManagerCapability("heir");
        home.Grant(0, manager);
        home.Grant(1, its);
        List<(Status Status, bool Success)> answers = [];
        void Ask(DirectContext locus, CapRef container)
        {
            Status status = ManagementRequest.Decode(
                locus.Invoke(CapRef.Container(0), ManagementRequest.Encode(container)), out bool success);
            answers.Add((status, success));
        }

        Kernel.Options.Entries.AddDirect("asking", locus =>
        {
            Ask(locus, CapRef.Container(1));                        // means the manager's table, there
            Ask(locus, CapRef.Locus(9));
            Ask(locus, CapRef.Locus(1));
            Ask(locus, CapRef.Locus(0));
            locus.Invoke(CapRef.Container(0), [1, 2, 3]);
        });
        Locus locus = Kernel.CreateLocus("home", "asking", isSuspended: true);
        locus.Grant(0, its);
        locus.Grant(1, less);
        locus.Resume();

        Assert.That(
            () => locus.Completion.GetAwaiter().GetResult(),
            Throws.InstanceOf<KernelException>(), "it understands nothing else");
        Assert.That(answers, Is.EqualTo(new[]
        {
            (Status.InvalidCapRef, false),
            (Status.InvalidCapRef, false),
            (Status.PermissionDenied, false),
            (Status.Success, true),
        }));
        Assert.That(Kernel.Containers.Single(record => record.Name == "a").Manager, Is.EqualTo("heir"));
        Assert.That(
            () => Kernel.Options.Entries.Add("manager/heir", step => step.Return()), Throws.ArgumentException);
    }

    [Test]
    public void From_one_that_failed_it_is_taken_with_every_page()
    {
        using Container container = Open();
        for (int page = 0; page < 8; page++)
        {
            Write(container, page, page);
        }

        container.TakeSnapshot().WaitForDurable();
        for (int page = 0; page < 4; page++)
        {
            Write(container, page, 100 + page);
        }

        Assert.That(Manager.TakeBack(Manager.LastToken, 2), Is.EqualTo(Status.Success), "only it has this one");
        Fail(container);
        Assert.That(StatusOf(() => Kernel.RemoveManager("a")), Is.EqualTo(Status.ManagerFailed));

        Kernel.SetManager("a", "heir");
        Assert.That(container.Quarantine, Is.Null);
        Assert.That(Manager.Closed, Is.EqualTo(1));
        Assert.That(
            Heir.Calls.LcdScanDirty(Heir.LastToken, default, out IReadOnlyList<PageNumber> dirty),
            Is.EqualTo(Status.Success));
        Assert.That(dirty.Select(page => page.Value), Is.EquivalentTo([0, 1, 2, 3, 1000]));
        for (int page = 0; page < 8; page++)
        {
            Assert.That(Read(container, page), Is.EqualTo(page < 4 ? 100 + page : page));
        }

        Snapshot snapshot = container.TakeSnapshot();
        snapshot.WaitForDurable();
        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        Assert.That(Enumerable.Range(0, 8).Select(page => Read(version, page)), Is.EqualTo(
            Enumerable.Range(0, 8).Select(page => page < 4 ? 100 + page : page)));
    }

    [Test]
    public void What_it_does_not_give_back_is_lost_and_no_older_page_takes_its_place()
    {
        using Container container = Open();
        Write(container, 1, 11);
        container.TakeSnapshot().WaitForDurable();
        Write(container, 1, 12);
        Write(container, 2, 22);
        Assert.That(Manager.TakeBack(Manager.LastToken, 1), Is.EqualTo(Status.Success));
        Fail(container);
        Manager.OnFault = () => throw new InvalidOperationException("no");

        Kernel.SetManager("a", "heir");
        Assert.That(Read(container, 2), Is.EqualTo(22));
        Assert.That(
            () => Read(container, 1),
            Throws.InstanceOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.Lost));
        Assert.That(StatusOf(() => container.TakeSnapshot()), Is.EqualTo(Status.Lost));
        Assert.That(Heir.TryClaim(Heir.LastToken, 1), Is.False, "nor is it brought in before anybody asks");

        Kernel.Rollback("a");
        Assert.That(Read(container, 1), Is.EqualTo(11));
        Assert.That(Read(container, 2), Is.Zero);
        container.TakeSnapshot().WaitForDurable();
    }

    [Test]
    public void A_lost_page_that_the_next_manager_finds_is_there_again()
    {
        using Container container = Open();
        Write(container, 1, 11);
        Assert.That(Manager.TakeBack(Manager.LastToken, 1), Is.EqualTo(Status.Success));
        Fail(container);
        Manager.OnFault = () => throw new InvalidOperationException("no");
        Kernel.SetManager("a", "heir");
        Assert.That(StatusOf(() => container.TakeSnapshot()), Is.EqualTo(Status.Lost));

        var found = new byte[PageNumber.Size];
        found[0] = 11;
        using PageSet credits = Heir.Calls.PageSetCreate(1);
        Assert.That(credits.Take(1, out _), Is.EqualTo(Status.Success));
        Assert.That(
            Heir.Calls.LcdInstall(credits, Heir.LastToken, new PageNumber(1), found), Is.EqualTo(Status.Success));
        Assert.That(Read(container, 1), Is.EqualTo(11));
        container.TakeSnapshot().WaitForDurable();
    }

    [Test, Deadline(60)]
    public void One_that_hangs_is_waited_for_once()
    {
        ShutDown();
        Boot(TimeSpan.FromSeconds(1));
        using Container container = Open();
        for (int page = 0; page < 20; page++)
        {
            Write(container, page, page);
            Assert.That(Manager.TakeBack(Manager.LastToken, (ulong)page), Is.EqualTo(Status.Success));
        }

        Fail(container);
        int asked = 0;
        using var gate = new ManualResetEventSlim();
        Manager.OnFault = () =>
        {
            Interlocked.Increment(ref asked);
            gate.Wait();
            throw new InvalidOperationException("too late");
        };

        Kernel.SetManager("a", "heir");
        Assert.That(asked, Is.EqualTo(1));
        Assert.That(
            () => Read(container, 19),
            Throws.InstanceOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.Lost));
        Write(container, 30, 30);
        Assert.That(Read(container, 30), Is.EqualTo(30), "the heir is asked for what is not lost");
        gate.Set();
        container.Abandon();
    }

    [Test]
    public void One_that_was_disposed_fails_and_loses_nothing_in_memory()
    {
        using Container container = Open();
        Write(container, 1, 11);
        Manager.Dispose();

        Assert.That(
            () => Read(container, 2),
            Throws.InstanceOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ManagerFailed));
        Assert.That(Read(container, 1), Is.EqualTo(11));
        Assert.That(() => container.TakeSnapshot().WaitForDurable(), Throws.InstanceOf<KernelException>());
        Assert.That(container.Quarantine, Is.Not.Null);

        Kernel.SetManager("a", "heir");
        Assert.That(Read(container, 1), Is.EqualTo(11));
        Assert.That(Read(container, 2), Is.Zero);
        container.TakeSnapshot().WaitForDurable();
    }

    [Test]
    public void A_volatile_container_is_handed_over_empty()
    {
        Manager.Level = ServiceLevel.None;
        using Container container = Open();
        Write(container, 1, 11);
        Kernel.RemoveManager("a");
        Kernel.SetManager("a", "heir");
        Assert.That(Read(container, 1), Is.Zero);
    }

    [Test, Deadline(120)]
    public void Threads_that_use_it_meanwhile_see_their_own_writes_or_no_manager([Values(1, 2)] int seed)
    {
        const int Pages = 64;
        int threads = Wine.IsHere ? 1 : 3;                          // chunks come anew with each manager
        int rounds = OperatingSystem.IsWindows() ? 10 : 60;
        using Container container = Open();
        bool isOver = false;
        var last = new long[threads, Pages];
        Task<long>[] users = [.. Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed * 10 + thread);
                long done = 0;
                while (!Volatile.Read(ref isOver))
                {
                    int page = random.Next(Pages);
                    long at = page * PageNumber.Size + thread * sizeof(long);
                    try
                    {
                        Assert.That(container.View.Read<long>(at), Is.EqualTo(last[thread, page]));
                        container.View.Write(at, last[thread, page] + 1);
                        last[thread, page]++;
                        done++;
                    }
                    catch (ContainerFaultException without) when (without.Status == Status.NoManager)
                    {
                    }
                }

                return done;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        for (int round = 0; round < rounds; round++)
        {
            Kernel.RemoveManager("a");
            Kernel.SetManager("a", round % 2 == 0 ? "heir" : "versioned");
            Thread.Sleep(1);
        }

        Volatile.Write(ref isOver, true);
        long all = users.Sum(user => user.Result);
        TestContext.Out.WriteLine($"seed {seed}: {all} writes during {rounds} hand-overs");
        Assert.That(all, Is.GreaterThan(rounds));
        for (int page = 0; page < Pages; page++)
        {
            for (int thread = 0; thread < threads; thread++)
            {
                Assert.That(
                    container.View.Read<long>(page * PageNumber.Size + thread * sizeof(long)),
                    Is.EqualTo(last[thread, page]));
            }
        }
    }

    /// <summary>The manager of a container does not obey, and is not asked any more.</summary>
    private void Fail(Container container)
    {
        container.View.Write(1000 * PageNumber.Size, 1);
        Manager.OnSave = _ => Status.ManagerFailed;
        try
        {
            container.TakeSnapshot().WaitForDurable();
        }
        catch (KernelException)
        {
            // It could not save it.
        }

        Manager.OnSave = null;
        Assert.That(container.Quarantine, Is.Not.Null);
    }

    private static void Write(Container container, int page, long value) =>
        container.View.Write(page * PageNumber.Size, value);

    private static long Read(Container container, int page) => container.View.Read<long>(page * PageNumber.Size);

    private static Status StatusOf(Action call) => Assert.Catch<KernelException>(() => call())!.Status;
}
