using System.Diagnostics;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Loci;

/// <summary>Any number of loci on few threads, fairly.</summary>
public class LocusSchedulerTests : LocusFixture
{
    private const int Threads = 2;
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);
    private static readonly int s_many = OperatingSystem.IsWindows() ? 2_000 : 10_000;

    [Test]
    public void Suspended_loci_cost_no_threads()
    {
        Container home = Create("home");
        Entries.Add("step", locus => locus.Return());
        Entries.AddDirect("method", _ => { });
        int before = ThreadCount();

        for (int i = 0; i < s_many; i++)
        {
            Kernel.CreateLocus("home", i % 2 == 0 ? "step" : "method", isSuspended: true);
        }

        Assert.That(Kernel.Loci, Has.Count.EqualTo(s_many));
        Assert.That(ThreadCount() - before, Is.LessThan(20), "threads of the runtime's own may come");
        Assert.That(home.Name, Is.EqualTo("home"));
    }

    [Test]
    public void Those_that_have_run_and_rest_cost_none_but_the_schedulers()
    {
        Create("home");
        Entries.Add("forever", locus => locus.Continue());
        int before = ThreadCount();
        Locus[] loci = [.. Enumerable.Range(0, s_many).Select(_ => Kernel.CreateLocus("home", "forever"))];
        Array.ForEach(loci, locus => locus.Suspend());
        Array.ForEach(
            loci, locus => Assert.That(locus.Entity.Control.WaitForRest(Environment.TickCount64 + 30_000)));

        Assert.That(loci.Select(locus => locus.State), Is.All.EqualTo(LocusState.Suspended));
        Assert.That(ThreadCount() - before, Is.LessThan(20 + Threads));
    }

    [Test]
    public void Ready_loci_make_progress_in_step()
    {
        // With one thread the order is the scheduler's alone: of two, the system may stop one inside a turn.
        const int Steps = 300;
        const int Bound = 2 * 64;                                   // two turns
        var made = new int[s_many + 2];
        var atLeast = new int[Steps + 1];                           // how many loci have made so many steps
        int furthest = 0;
        using var allAreReady = new ManualResetEventSlim();
        using var manager = new TestManager();
        using Kernel kernel = BootWithOneThread(manager);
        using Container home = kernel.OpenContainer("home", 4096);
        kernel.Options.Entries.Add("first", locus =>
        {
            allAreReady.Wait();
            return locus.Return();
        });
        kernel.Options.Entries.Add("counting", locus =>
        {
            int steps = ++made[locus.Id];
            atLeast[steps]++;
            if (steps > Bound && atLeast[steps - Bound] < s_many)
            {
                furthest = steps;                                   // somebody is further behind than he may be
            }

            return steps == Steps ? locus.Return() : locus.Continue();
        });
        kernel.CreateLocus("home", "first");
        Locus[] loci = [.. Enumerable.Range(0, s_many).Select(_ => kernel.CreateLocus("home", "counting"))];

        allAreReady.Set();
        Task.WaitAll(loci.Select(locus => locus.Completion));

        Assert.That(made.Skip(2), Is.All.EqualTo(Steps));
        Assert.That(furthest, Is.Zero, $"one had made that many steps while another was more than {Bound} behind");
    }

    [Test]
    public void Ready_loci_all_make_progress_on_several_threads()
    {
        Create("home");
        Entries.Add("counting", locus => ++locus.Registers[0] == 200 ? locus.Return() : locus.Continue());
        Locus[] loci = [.. Enumerable.Range(0, s_many).Select(_ => Kernel.CreateLocus("home", "counting"))];

        Task.WaitAll(loci.Select(locus => locus.Completion));

        Assert.That(loci.Select(locus => locus.Entity.Registers[0]), Is.All.EqualTo(200));
    }

    [Test]
    public void More_methods_than_the_limit_wait_for_each_other_and_all_end()
    {
        const int Count = 5 * DirectLoci;
        int inside = 0;
        int most = 0;
        int done = 0;
        Create("home");
        Entries.AddDirect("method", locus =>
        {
            int now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            Thread.Sleep(1);                                        // others get to be inside, too
            Interlocked.Decrement(ref inside);
            Interlocked.Increment(ref done);
        });
        Locus[] loci = [.. Enumerable.Range(0, Count).Select(_ => Kernel.CreateLocus("home", "method"))];

        Task.WaitAll(loci.Select(locus => locus.Completion));

        Assert.That(done, Is.EqualTo(Count));
        Assert.That(most, Is.InRange(1, DirectLoci));
    }

    [Test]
    public void A_method_that_does_not_take_the_stack_it_waited_for_leaves_it_to_the_next()
    {
        using var gate = new ManualResetEventSlim();
        Create("home");
        Entries.AddDirect("holding", _ => gate.Wait());
        Entries.AddDirect("waiting", _ => { });
        Locus[] holding = [.. Enumerable.Range(0, DirectLoci).Select(_ => Kernel.CreateLocus("home", "holding"))];
        Assert.That(() => holding.All(locus => locus.State == LocusState.Running), Is.True.After(30_000, 1));
        Locus[] resting = [.. Enumerable.Range(0, 2 * DirectLoci).Select(_ => Kernel.CreateLocus("home", "waiting"))];
        Locus[] waiting = [.. Enumerable.Range(0, 2 * DirectLoci).Select(_ => Kernel.CreateLocus("home", "waiting"))];
        Entries.Add("last", locus => locus.Return());
        Assert.That(Kernel.CreateLocus("home", "last").Completion.Wait(s_long));
        Array.ForEach(resting, locus => locus.Suspend());

        gate.Set();

        Assert.That(Task.WaitAll([.. waiting.Select(locus => locus.Completion)], s_long), "stacks are free, and lost");
        Array.ForEach(resting, locus => locus.Resume());
        Assert.That(Task.WaitAll([.. resting.Select(locus => locus.Completion)], s_long));
    }

    [Test]
    public void Methods_that_hold_every_thread_they_may_leave_the_others_to_steps()
    {
        using var gate = new ManualResetEventSlim();
        Create("home");
        Entries.AddDirect("method", _ => gate.Wait());
        Entries.Add("step", locus => locus.ResumePoint == 1000
            ? locus.Return()
            : locus.Continue(locus.ResumePoint + 1));
        Locus[] methods = [.. Enumerable.Range(0, 3 * DirectLoci).Select(_ => Kernel.CreateLocus("home", "method"))];
        Locus[] steps = [.. Enumerable.Range(0, 10).Select(_ => Kernel.CreateLocus("home", "step"))];

        Assert.That(Task.WaitAll([.. steps.Select(locus => locus.Completion)], s_long), "steps wait for methods");
        Assert.That(methods.Select(locus => locus.Completion.IsCompleted), Is.All.False);

        gate.Set();
        Task.WaitAll(methods.Select(locus => locus.Completion));
    }

    [Test]
    public void As_many_steps_as_there_are_threads_execute_at_once()
    {
        Create("home");
        Entries.Add("nothing", locus => locus.Return());
        for (int round = 0; round < 50; round++)
        {
            // Each waits for the other, which only a second thread can bring; both threads were idle before.
            using var both = new Barrier(Threads);
            string name = $"waiting {round}";
            Entries.Add(name, locus =>
            {
                Assert.That(both.SignalAndWait(s_long));
                return locus.Return();
            });
            Locus[] loci = [.. Enumerable.Range(0, Threads).Select(_ => Kernel.CreateLocus("home", name))];
            Assert.That(Task.WaitAll([.. loci.Select(locus => locus.Completion)], s_long), $"round {round}");
        }
    }

    [Test]
    public void A_method_that_invokes_steps_and_a_step_that_invokes_methods_go_on_at_any_number()
    {
        Container echo = Create("echo", locus => locus.Return(locus.InArguments));
        Container passing = CreateDirect("passing", locus => locus.Return(locus.Invoke(CapRef.Container(0), Bytes(3))));
        Container outer = Create("outer", locus => locus.ResumePoint == 0
            ? locus.Invoke(CapRef.Container(0), at: 1)
            : locus.Return(locus.OutArguments));
        passing.Grant(0, echo.GetCapability());
        outer.Grant(0, passing.GetCapability());
        Locus[] loci = [.. Enumerable.Range(0, 20 * DirectLoci).Select(_ => Kernel.CreateLocus("outer", "outer"))];

        Task.WaitAll(loci.Select(locus => locus.Completion));

        Assert.That(loci.Select(locus => Value(locus.Completion.Result)), Is.All.EqualTo(3));
    }

    [Test]
    public void The_threads_end_with_their_kernel()
    {
        int before = ThreadCount();
        for (int round = 0; round < 20; round++)
        {
            var options = new KernelOptions { OpenVolume = () => new MemoryVolume(), DefaultManager = "test" };
            using var manager = new TestManager();
            options.Managers.Add("test", () => manager);
            options.Entries.AddDirect("method", _ => { });
            using Kernel kernel = Kernel.Boot(options);
            using Container home = kernel.OpenContainer("home", 4096);
            Task.WaitAll(Enumerable.Range(0, 10).Select(_ => kernel.CreateLocus("home", "method").Completion));
        }

        Assert.That(() => ThreadCount() - before, Is.LessThan(20).After(20_000, 10));
    }

    private static Kernel BootWithOneThread(TestManager manager)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "test",
            LocusThreads = 1,
        };
        options.Managers.Add("test", () => manager);
        return Kernel.Boot(options);
    }

    private static int ThreadCount()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = most; seen < value; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
