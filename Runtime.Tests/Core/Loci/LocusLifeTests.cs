using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>Creating, suspending, resuming and destroying loci, in each state, by docs/semantics.md, "Loci".</summary>
public class LocusLifeTests : LocusFixture
{
    private static readonly CapRef s_it = CapRef.Locus(900);
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [Test]
    public void A_locus_is_created_in_the_callers_host_with_every_right_and_nothing_else([Values] bool isSuspended)
    {
        using Container home = Create("home");
        using var ran = new ManualResetEventSlim();
        string? seen = null;
        Entries.Add("child", locus =>
        {
            seen = $"{locus.Host} {locus.Depth} {locus.UserRights:x} {locus.InArguments.Length} "
                + $"{string.Concat(locus.Registers.ToArray())} {locus.Calls.CapCopy(CapRef.Locus(0), CapRef.Locus(1))}";
            ran.Set();
            return locus.Return();
        });
        Status status = default;
        KernelRights rights = default;
        LocusState state = default;

        Run(home, locus =>
        {
            locus.Registers[0] = 5;
            status = locus.Calls.LocusCreate(CapRef.Container(3), "child", isSuspended);
            rights = home.Entity!.Table.Find(3)?.Rights ?? KernelRights.None;
            if (isSuspended)
            {
                state = Kernel.Loci.Single(other => other.Id != locus.Id).State;
                Assert.That(ran.IsSet, Is.False);
                Assert.That(locus.Calls.LocusResume(CapRef.Container(3)), Is.EqualTo(Status.Success));
            }
        });

        Assert.That(ran.Wait(s_long));
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(Status.Success));
            Assert.That(seen, Is.EqualTo($"home 1 ffffffff 0 {new string('0', 16)} InvalidCapRef"));
            if (isSuspended)
            {
                Assert.That((rights, state), Is.EqualTo((KernelRights.All, LocusState.Suspended)));
            }
        });
        Assert.That(() => Kernel.Loci, Is.Empty.After(20_000, 1));
        Assert.That(home.Entity!.Table.Find(3), Is.Null, "its capability ended with it");
    }

    [Test]
    public void It_does_not_start_at_code_that_is_not_registered()
    {
        using Container home = Create("home");
        Status status = default;

        Run(home, locus => status = locus.Calls.LocusCreate(CapRef.Locus(0), "nothing", isSuspended: true));

        Assert.That(status, Is.EqualTo(Status.NotRegistered));
        Assert.That(StatusOf(() => Kernel.CreateLocus("home", "nothing")), Is.EqualTo(Status.NotRegistered));
        Assert.That(StatusOf(() => Kernel.CreateLocus("nowhere", "nothing")), Is.EqualTo(Status.ContainerGone));
        Assert.That(Kernel.Loci, Is.Empty);
    }

    [Test]
    public void Suspended_and_resumed_any_number_of_times_it_is_what_came_last()
    {
        using Container home = Create("home");
        using var steps = new SemaphoreSlim(0);
        using var may = new SemaphoreSlim(0);
        Locus locus = At(home, locus =>
        {
            steps.Release();
            may.Wait();
            return locus.ResumePoint == 3 ? locus.Return() : locus.Continue(locus.ResumePoint + 1);
        });
        Name(locus);
        Assert.That(locus.State, Is.EqualTo(LocusState.Suspended));

        foreach (Func<Status> suspend in Twice(() => Kernel.Calls.LocusSuspend(s_it)))
        {
            Assert.That(suspend(), Is.EqualTo(Status.Success));
        }

        Assert.That(Kernel.Calls.LocusResume(s_it), Is.EqualTo(Status.Success), "once is enough");
        Assert.That(steps.Wait(s_long));
        Assert.That(locus.State, Is.EqualTo(LocusState.Running));

        // Inside a step: this step ends, and no other begins.
        foreach (Func<Status> suspend in Twice(() => Kernel.Calls.LocusSuspend(s_it)))
        {
            Assert.That(suspend(), Is.EqualTo(Status.Success));
        }

        Assert.That(locus.State, Is.EqualTo(LocusState.Suspended));
        may.Release();
        Assert.That(locus.Entity.Control.WaitForRest(Environment.TickCount64 + 20_000));
        Assert.That(steps.CurrentCount, Is.Zero);

        foreach (Func<Status> resume in Twice(() => Kernel.Calls.LocusResume(s_it)))
        {
            Assert.That(resume(), Is.EqualTo(Status.Success));
        }

        may.Release(10);
        locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult();
        Assert.That(steps.CurrentCount, Is.EqualTo(3));
        Assert.That(Kernel.Calls.LocusResume(s_it), Is.EqualTo(Status.InvalidCapRef), "it has ended");
        Assert.That(Kernel.Calls.LocusSuspend(s_it), Is.EqualTo(Status.InvalidCapRef));
        locus.Suspend();
        locus.Resume();
        locus.Destroy();
        Assert.That(locus.State, Is.EqualTo(LocusState.Ended));
    }

    [Test]
    public void A_locus_may_suspend_itself([Values] bool isStep)
    {
        using Container home = Create("home");
        using var asked = new ManualResetEventSlim();
        int after = 0;
        Locus locus = isStep
            ? At(home, locus =>
            {
                if (locus.ResumePoint == 0)
                {
                    locus.Calls.LocusSuspend(CapRef.Locus(0));
                    asked.Set();
                    return locus.Continue(1);
                }

                after++;
                return locus.Return();
            })
            : AtDirect(home, locus =>
            {
                locus.Calls.LocusSuspend(CapRef.Locus(0));
                asked.Set();
                locus.Calls.GetInSize();
                locus.Calls.CapCopy(CapRef.Locus(1), CapRef.Locus(1));  // a boundary: it rests here
                after++;
            });
        using (Capability itself = Kernel.GetCapability(locus))
        {
            locus.Grant(0, itself);
        }

        locus.Resume();
        Assert.That(asked.Wait(s_long));
        Thread.Yield();
        Assert.That((after, locus.State), Is.EqualTo((0, LocusState.Suspended)));

        locus.Resume();
        locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult();
        Assert.That(after, Is.EqualTo(1));
    }

    [Test]
    public void Destroyed_in_any_state_it_ends_and_its_capabilities_with_it(
        [Values] LocusSituation situation, [Values] bool byCall)
    {
        using var stage = new LocusStage(this, situation);
        Locus locus = stage.Locus;
        Name(locus);
        using Capability derived = Kernel.GetCapability(locus).Derive(KernelRights.All);

        if (byCall)
        {
            Assert.That(Kernel.Calls.LocusDestroy(s_it), Is.EqualTo(Status.Success));
            Assert.That(Kernel.Calls.LocusDestroy(s_it), Is.EqualTo(Status.InvalidCapRef));
        }
        else
        {
            locus.Destroy();
            locus.Destroy();
        }

        Assert.That(derived.IsValid, Is.False);
        Assert.That(StatusOf(() => Kernel.GetCapability(locus)), Is.EqualTo(Status.InvalidCapRef));
        stage.Open();
        Assert.That(
            StatusOf(() => locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()),
            Is.EqualTo(Status.ContainerGone));
        Assert.Multiple(() =>
        {
            Assert.That(locus.State, Is.EqualTo(LocusState.Ended));
            Assert.That(locus.Depth, Is.Zero);
            Assert.That(locus.Host, Is.Null);
            Assert.That(Kernel.Loci, Is.Empty);
            Assert.That(stage.WentOn, Is.False, "its code went on");
        });
    }

    [Test]
    public void Its_container_destroyed_it_ends_in_any_state([Values] LocusSituation situation)
    {
        using var stage = new LocusStage(this, situation);
        Kernel.Calls.CapCopy(Kernel.GetCapability("home").Reference, CapRef.Locus(901));
        Kernel.Calls.CapCopy(Kernel.GetCapability("callee").Reference, CapRef.Locus(902));

        Assert.That(Kernel.Calls.ContainerDestroy(CapRef.Locus(901)), Is.EqualTo(Status.Success));
        Assert.That(Kernel.Calls.ContainerDestroy(CapRef.Locus(902)), Is.EqualTo(Status.Success));
        stage.Open();

        Assert.That(
            StatusOf(() => stage.Locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()),
            Is.EqualTo(Status.ContainerGone));
        Assert.That(Kernel.Loci, Is.Empty);
        Assert.That(stage.WentOn, Is.False, "its code went on");
    }

    [Test]
    public void The_kernel_ends_it_in_any_state_when_it_is_disposed([Values] LocusSituation situation)
    {
        using var stage = new LocusStage(this, situation);
        stage.OpenSoon();

        Assert.That(Kernel.Dispose, Throws.Nothing);

        Assert.That(stage.Locus.State, Is.EqualTo(LocusState.Ended));
        Assert.That(
            StatusOf(() => stage.Locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()),
            Is.EqualTo(Status.ContainerGone));
    }

    [Test]
    public void A_locus_that_does_not_end_is_named_when_the_kernel_is_disposed_and_the_others_end()
    {
        Kernel.Options.LeaseLimit = TimeSpan.FromMilliseconds(100);
        Container home = Create("home");
        Create("elsewhere");
        using var inside = new ManualResetEventSlim();
        using var stays = new ManualResetEventSlim();
        Locus stuck = At(home, locus =>
        {
            inside.Set();
            stays.Wait();
            return locus.Return();
        });
        stuck.Resume();
        Assert.That(inside.Wait(s_long));
        Locus[] others = [.. Enumerable.Range(0, 5).Select(_ =>
            At(Kernel.EntityOf("elsewhere").Open!, locus => locus.Return()))];

        AggregateException failure = Assert.Throws<AggregateException>(Kernel.Dispose)!;

        stays.Set();
        Assert.That(
            failure.InnerExceptions.Where(inner => inner.Message.Contains("locus ", StringComparison.Ordinal)),
            Has.Exactly(1).Message.Contains($"locus {stuck.Id} "), failure.ToString());
        Assert.That(others.Select(locus => locus.State), Is.All.EqualTo(LocusState.Ended));
        home.Abandon();
    }

    [Test]
    public void Code_that_throws_ends_the_locus_at_its_first_record_and_says_why([Values] bool isStep)
    {
        using Container home = Create("home");
        Locus locus = isStep
            ? At(home, _ => throw new FormatException("why"))
            : AtDirect(home, _ => throw new FormatException("why"));

        locus.Resume();

        KernelException failure = Assert.Throws<KernelException>(
            () => locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult())!;
        Assert.That(failure.Status, Is.EqualTo(Status.EntryFailed));
        Assert.That(failure.InnerException, Is.InstanceOf<FormatException>());
        Assert.That(locus.State, Is.EqualTo(LocusState.Ended));
    }

    [Test]
    public void Code_that_throws_deeper_is_told_to_its_caller_which_goes_on(
        [Values] bool callerIsStep, [Values] bool calleeIsStep)
    {
        var seen = new List<string>();
        using Container home = Create("home");
        using Container bad = calleeIsStep
            ? Create("bad", _ => throw new FormatException("why"))
            : CreateDirect("bad", locus =>
            {
                locus.Calls.KmoReturn(0, 8);                        // asked for, and never made
                throw new FormatException("why");
            });
        Locus locus = callerIsStep
            ? At(home, locus =>
            {
                if (locus.ResumePoint == 0)
                {
                    return locus.Invoke(CapRef.Locus(0), Bytes(1), at: 1);
                }

                seen.Add($"{locus.Status} {locus.Failure?.Message} {locus.OutArguments.Length} {locus.Depth}");
                return locus.Return(Bytes(2));
            })
            : AtDirect(home, locus =>
            {
                seen.Add($"{locus.Calls.KmoInvoke(CapRef.Locus(0), nested: true, 0, 8)} {locus.Failure?.Message} "
                    + $"{locus.OutArguments.Length} {locus.Depth}");
                locus.Return(Bytes(2));
            });
        using Capability toBad = bad.GetCapability();
        locus.Grant(0, toBad);

        locus.Resume();

        Assert.That(Value(locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()), Is.EqualTo(2));
        Assert.That(seen, Is.EqualTo(["EntryFailed why 0 1"]));
    }

    [Test]
    public void The_kernel_lists_the_loci_that_have_not_ended_in_the_order_of_their_numbers()
    {
        using Container home = Create("home", locus => locus.Return());
        using Capability capability = home.GetCapability();
        Locus[] loci = [.. Enumerable.Range(0, 5).Select(_ => At(home, locus => locus.Return()))];
        Kernel.Invoke(capability);

        Assert.That(Kernel.Loci, Is.EqualTo(loci));
        Assert.That(loci.Select(locus => locus.Id), Is.Ordered.And.Unique);

        loci[2].Resume();
        loci[2].Completion.WaitAsync(s_long).GetAwaiter().GetResult();
        Assert.That(Kernel.Loci, Is.EqualTo(loci.Except([loci[2]])));
    }

    [Test]
    public void A_wait_for_an_invocation_can_be_given_up_and_the_invocation_goes_on()
    {
        using var may = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        using Container slow = Create("slow", locus =>
        {
            may.Wait();
            done.Set();
            return locus.Return();
        });
        using Capability capability = slow.GetCapability();
        using var cancel = new CancellationTokenSource();
        Task<byte[]> result = Kernel.InvokeAsync(capability, cancellationToken: cancel.Token);

        cancel.Cancel();

        Assert.That(async () => await result, Throws.InstanceOf<OperationCanceledException>());
        may.Set();
        Assert.That(done.Wait(s_long));
        Assert.That(
            () => Kernel.InvokeAsync(capability, cancellationToken: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void A_closed_kernel_begins_nothing()
    {
        Container home = Create("home", locus => locus.Return());
        using Capability capability = home.GetCapability();
        Kernel.Dispose();

        Assert.Multiple(() =>
        {
            Assert.That(() => Kernel.Invoke(capability), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Kernel.InvokeAsync(capability), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Kernel.CreateLocus("home", "home"), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Kernel.GetCapability("home"), Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    internal Container CreateStep(string name, StepEntry step) => Create(name, step);

    internal Container CreateMethod(string name, DirectEntry method) => CreateDirect(name, method);

    internal Locus LocusAt(string container, string entry, bool isSuspended) =>
        Kernel.CreateLocus(container, entry, isSuspended: isSuspended);

    internal Capability CapabilityOf(string container) => Kernel.GetCapability(container);

    private void Name(Locus locus)
    {
        using Capability capability = Kernel.GetCapability(locus);
        Kernel.Calls.CapCopy(capability.Reference, s_it);
    }

    private static Func<Status>[] Twice(Func<Status> call) => [call, call];
}
