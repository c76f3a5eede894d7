using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>kmo_return and forced returns, by docs/semantics.md, "Invocation".</summary>
public class ReturnTests : LocusFixture
{
    private const int Limit = LocusLimits.ArgumentBlockSize;

    // Home invokes callee; slots of the locus.
    private static readonly CapRef s_callee = CapRef.Locus(0);
    private static readonly CapRef s_home = CapRef.Locus(1);
    private static readonly CapRef s_other = CapRef.Locus(2);

    [Test]
    public void Where_it_came_from_is_gone_so_nothing_is_popped([Values] InvocationWay way)
    {
        int[] sizes = [0, 8, Limit, Limit + 1];
        var seen = new List<string>();
        Create("home");
        CreateDirect("other", _ => { });
        CreateCallee(
            way,
            locus =>
            {
                locus.Calls.ContainerDestroy(s_home);
                foreach (int size in sizes)
                {
                    seen.Add($"{AskToReturn(locus, way, size)} {locus.Host} {locus.Depth}");
                }

                locus.Invoke(s_other);                              // it may still do whatever it likes
            },
            locus =>
            {
                if (way == InvocationWay.StepCall)
                {
                    locus.Calls.ContainerDestroy(s_home);
                    foreach (int size in sizes)
                    {
                        seen.Add($"{locus.Calls.KmoReturn(0, (ulong)size)} {locus.Host} {locus.Depth}");
                    }

                    return locus.Jump(s_other);
                }

                // A return has no point to go on at: a register says which attempt it is.
                if (locus.Registers[0] == 0)
                {
                    locus.Calls.ContainerDestroy(s_home);
                }
                else
                {
                    seen.Add($"{locus.Status} {locus.Host} {locus.Depth}");
                }

                return locus.Registers[0] < 4
                    ? locus.Return(new byte[sizes[locus.Registers[0]++]])
                    : locus.Jump(s_other);
            });

        Locus locus = StartAtHome();

        // Nobody is left to return to: when code in direct style is over the locus ends.
        Assert.That(
            StatusOf(() => locus.Completion.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult()),
            Is.EqualTo(Status.ContainerGone));

        Assert.That(seen, Is.EqualTo(Enumerable.Repeat("ContainerGone callee 2", sizes.Length)));
    }

    [Test]
    public void Steps_that_only_ever_return_in_vain_are_let_go([Values(0, Limit + 1)] int size)
    {
        int returned = 0;
        Create("home");
        CreateDirect("other", _ => { });
        CreateCallee(
            InvocationWay.StepWay,
            _ => { },
            locus =>
            {
                if (returned++ == 0 && size == 0)
                {
                    locus.Calls.ContainerDestroy(s_home);
                }

                return locus.Return(new byte[size]);
            });

        Locus locus = StartAtHome();

        // Its caller is gone, and it ends; or it is told of the failure, and returns what it was asked for.
        Task ended = locus.Completion.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(() => ended.IsCompleted, Is.True.After(20_000, 1));
        Assert.That(locus.State, Is.EqualTo(LocusState.Ended));
        Assert.That(returned, Is.EqualTo(16));
    }

    [Test]
    public void A_block_that_is_too_large_is_not_returned([Values] InvocationWay way)
    {
        var seen = new List<string>();
        Create("home");
        CreateDirect("other", _ => { });
        CreateCallee(
            way,
            locus =>
            {
                seen.Add($"{AskToReturn(locus, way, Limit + 1)} {locus.Host} {locus.Depth}");
                seen.Add($"{AskToReturn(locus, way, Limit)} {locus.Host} {locus.Depth}");
            },
            locus =>
            {
                if (way == InvocationWay.StepCall)
                {
                    seen.Add($"{locus.Calls.KmoReturn(0, Limit + 1)} {locus.Host} {locus.Depth}");
                    seen.Add($"{locus.Calls.KmoReturn(0, Limit)} {locus.Host} {locus.Depth}");
                    return locus.Continue();
                }

                if (locus.Registers[0]++ == 0)
                {
                    return locus.Return(new byte[Limit + 1]);
                }

                seen.Add($"{locus.Status} {locus.Host} {locus.Depth}");
                return locus.Return(new byte[Limit]);
            });

        Assert.That(StartAtHome().Completion.Result, Has.Length.EqualTo(Limit));
        Assert.That(seen[0], Is.EqualTo("ArgBlockTooLarge callee 2"));
    }

    [Test]
    public void A_block_that_cannot_be_read_is_not_returned([Values] bool isStep)
    {
        var statuses = new List<Status>();
        Create("home");
        CreateDirect("other", _ => { });
        Manager.OnFault = (in fault, container) =>
        {
            if (container.Name == "callee" && fault.Page.Value == 3)
            {
                return Status.IoError;
            }

            Manager.Supply(in fault);
            return Status.Success;
        };
        void Ask(SystemCalls calls)
        {
            statuses.Add(calls.KmoReturn(3 * PageNumber.Size, 8));
            statuses.Add(calls.KmoReturn(16 * PageNumber.Size, 1));
            statuses.Add(calls.KmoReturn(ulong.MaxValue, 8));
            statuses.Add(calls.KmoReturn(4 * PageNumber.Size, 8));
        }

        CreateCallee(
            isStep ? InvocationWay.StepCall : InvocationWay.DirectCall,
            locus => Ask(locus.Calls),
            locus =>
            {
                Ask(locus.Calls);
                return locus.Continue();
            });

        Assert.That(Value(StartAtHome().Completion.Result), Is.EqualTo(4), "the page's number");
        Assert.That(
            statuses, Is.EqualTo([Status.IoError, Status.OutOfRange, Status.OutOfRange, Status.Accepted]));
    }

    [Test]
    public void Where_it_came_from_goes_between_the_answer_and_the_return()
    {
        var seen = new List<string>();
        Create("home");
        CreateDirect("other", _ => { });
        Create("callee", locus =>
        {
            seen.Add($"{locus.ResumePoint} {locus.Status} {locus.Depth}");
            if (locus.ResumePoint == 5)
            {
                return locus.Jump(s_other);
            }

            Assert.That(locus.Calls.KmoReturn(0, 8), Is.EqualTo(Status.Accepted));
            locus.Calls.ContainerDestroy(s_home);
            return locus.Continue(at: 5);
        });

        Locus locus = StartAtHome();

        Assert.That(() => locus.Completion.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult(),
            Throws.InstanceOf<KernelException>());
        Assert.That(seen, Is.EqualTo(["0 Success 2", "5 ContainerGone 2"]));
    }

    [Test]
    public void Forced_to_return_it_goes_on_at_the_first_record_that_lives([Values] bool isStep)
    {
        var seen = new List<string>();
        Container home = Create("home");
        Chain("a", isStep, seen);
        Chain("b", isStep, seen);
        Create("c", locus =>
        {
            locus.Calls.ContainerDestroy(CapRef.Locus(12));         // b
            locus.Calls.ContainerDestroy(CapRef.Locus(11));         // a
            seen.Add($"c {locus.Depth} {locus.Host}");
            locus.Calls.ContainerDestroy(CapRef.Locus(13));         // c itself
            return locus.Return(Bytes(7));
        });
        Locus locus = AtDirect(home, locus =>
        {
            Status status = locus.Calls.KmoInvoke(CapRef.Locus(11), nested: true, 0, 0);
            seen.Add($"home {status} {locus.Depth} {locus.Calls.GetOutSize()}");
            locus.Return(Bytes(9));
        });
        GrantAll(locus, ("a", 11), ("b", 12), ("c", 13));

        locus.Resume();

        Assert.That(Value(locus.Completion.Result), Is.EqualTo(9));
        Assert.That(seen, Is.EqualTo(["c 4 c", "home ContainerGone 1 0"]));
    }

    [Test]
    public void Forced_to_return_with_nowhere_to_go_it_ends([Values] bool isStep)
    {
        var seen = new List<string>();
        Chain("a", isStep, seen);
        Chain("b", isStep, seen);
        Create("c", locus =>
        {
            locus.Calls.ContainerDestroy(CapRef.Locus(11));
            locus.Calls.ContainerDestroy(CapRef.Locus(12));
            locus.Calls.ContainerDestroy(CapRef.Locus(13));
            return locus.Continue();
        });
        Locus locus = Kernel.CreateLocus("a", "a", isSuspended: true);
        GrantAll(locus, ("b", 12), ("c", 13));
        using (Capability a = Kernel.GetCapability("a"))
        {
            locus.Grant(11, a);
        }

        locus.Resume();

        Assert.That(StatusOf(() => locus.Completion.GetAwaiter().GetResult()), Is.EqualTo(Status.ContainerGone));
        Assert.That(locus.State, Is.EqualTo(LocusState.Ended));
        Assert.That(seen, Is.Empty, "no code of theirs ran again");
        Assert.That(Kernel.Loci, Is.Empty);
    }

    [Test]
    public void A_caller_below_that_is_gone_is_found_out_at_the_return_only([Values] bool isStep)
    {
        // home → a → b; a goes while b executes. b's return fails; when b's code is over, home goes on.
        var seen = new List<string>();
        Container home = Create("home");
        Chain("a", isStep, seen);
        CreateDirect("b", locus =>
        {
            locus.Calls.ContainerDestroy(CapRef.Locus(11));
            seen.Add($"b {locus.Host} {locus.Calls.KmoReturn(0, 0)}");
        });
        Locus locus = AtDirect(home, locus =>
            seen.Add($"home {locus.Calls.KmoInvoke(CapRef.Locus(11), nested: true, 0, 0)} {locus.Depth}"));
        GrantAll(locus, ("a", 11), ("b", 12));

        locus.Resume();
        locus.Completion.GetAwaiter().GetResult();

        Assert.That(seen, Is.EqualTo(["b b ContainerGone", "home ContainerGone 1"]));
    }

    [Test]
    public void Code_whose_invocation_was_ended_can_do_nothing_in_its_callers_name([Values] bool callerIsStep)
    {
        // The callee asks to return, is destroyed, swallows what it is told and goes on.
        var seen = new List<string>();
        Container home = Create("home");
        home.View.Write(0, 1L);
        CreateDirect("callee", locus =>
        {
            locus.Calls.KmoReturn(0, 8);
            Kernel.Calls.ContainerDestroy(CapRef.Locus(900));
            foreach (Action attempt in (Action[])
                [
                    () => locus.Calls.CapCopy(CapRef.Container(0), CapRef.Locus(50)),
                    () => locus.Calls.CapCopy(CapRef.Container(0), CapRef.Locus(50)),
                    () => locus.Calls.KmoInvoke(CapRef.Container(0), nested: false, 0, 0),
                    () => locus.Calls.KmoReturn(0, 0),
                    () => locus.Calls.GetInArgs(0, 0, 1),
                    () => locus.Calls.GetInSize(),
                    () => locus.View.Write(0, 99L),
                    () => _ = locus.Host,
                    () => _ = locus.InArguments.Length,
                    () => _ = locus.UserRights,
                    () => locus.Invoke(CapRef.Container(0)),
                    () => locus.Jump(CapRef.Container(0)),
                    () => locus.Return([]),
                ])
            {
                try
                {
                    attempt();
                    seen.Add("nothing was thrown");
                }
                catch (KernelException refused) when (refused.Status == Status.ContainerGone)
                {
                }
                catch (Exception other)
                {
                    seen.Add(other.ToString());
                }
            }
        });
        Kernel.Calls.CapCopy(Kernel.GetCapability("callee").Reference, CapRef.Locus(900));
        Create("prey", _ => throw new AssertionException("invoked in the caller's name"));
        home.Grant(0, Kernel.GetCapability("prey"));
        Locus locus = callerIsStep
            ? At(home, locus =>
            {
                if (locus.ResumePoint == 0)
                {
                    return locus.Invoke(s_callee, Bytes(5), at: 1);
                }

                seen.Add($"{locus.Status} {locus.Host} {locus.Depth} {locus.ResumePoint}");
                return locus.ResumePoint == 1 ? locus.Continue(at: 2) : locus.Return(Bytes(12));
            })
            : AtDirect(home, locus =>
            {
                seen.Add($"{locus.Calls.KmoInvoke(s_callee, nested: true, 0, 8)} {locus.Host} {locus.Depth} 1");
                seen.Add($"{locus.Calls.CapCopy(CapRef.Locus(50), CapRef.Locus(51))}");
                locus.Return(Bytes(12));
            });
        GrantAll(locus, ("callee", 0));

        locus.Resume();

        Assert.That(Value(locus.Completion.Result), Is.EqualTo(12));
        Assert.That(
            seen,
            Is.EqualTo(callerIsStep
                ? ["ContainerGone home 1 1", "Success home 1 2"]
                : (string[])["ContainerGone home 1 1", "InvalidCapRef"]));
        Assert.That(home.View.Read<long>(0), Is.EqualTo(1));
    }

    [Test]
    public void A_locus_whose_container_goes_while_it_cuts_another_is_told_so()
    {
        Container home = Create("home");
        Container callee = Create("callee", locus => locus.ResumePoint == 0
            ? locus.Snapshot(s_other, at: 1)
            : throw new AssertionException("its container is gone"));
        Create("other").View.Write(0, 1L);
        Manager.OnSnapshot = _ =>
        {
            Manager.OnSnapshot = null;
            Thread other = new(() => Kernel.Calls.ContainerDestroy(CapRef.Locus(900)));
            other.Start();
            other.Join();
            return Status.Success;
        };
        Kernel.Calls.CapCopy(Kernel.GetCapability("callee").Reference, CapRef.Locus(900));
        var seen = new List<Status>();
        Locus nested = At(home, locus =>
        {
            if (locus.ResumePoint == 0)
            {
                return locus.Invoke(s_callee, at: 1);
            }

            seen.Add(locus.Status);
            return locus.Return();
        });
        GrantAll(nested, ("callee", 0), ("other", 2));

        nested.Resume();
        nested.Completion.GetAwaiter().GetResult();

        Assert.That(seen, Is.EqualTo([Status.ContainerGone]));
    }

    private void CreateCallee(InvocationWay way, DirectEntry direct, StepEntry step)
    {
        if (way is InvocationWay.DirectCall or InvocationWay.DirectMethod)
        {
            CreateDirect("callee", direct);
        }
        else
        {
            Create("callee", step);
        }
    }

    /// <summary>Invokes the callee, and passes on what it returned.</summary>
    private Locus StartAtHome()
    {
        Locus locus = At(
            Kernel.EntityOf("home").Open!,
            locus => locus.ResumePoint == 0 ? locus.Invoke(s_callee, at: 1) : locus.Return(locus.OutArguments));
        GrantAll(locus, ("callee", 0), ("home", 1), ("other", 2));
        locus.Resume();
        return locus;
    }

    private void GrantAll(Locus locus, params (string Container, uint Slot)[] grants)
    {
        foreach ((string container, uint slot) in grants)
        {
            using Capability capability = Kernel.GetCapability(container);
            locus.Grant(slot, capability);
        }
    }

    /// <summary>A container whose code invokes the next one: a from slot 12, b from slot 13.</summary>
    private void Chain(string name, bool isStep, List<string> seen)
    {
        CapRef next = CapRef.Locus(name == "a" ? 12u : 13u);
        if (isStep)
        {
            Create(name, locus =>
            {
                if (locus.ResumePoint == 0)
                {
                    return locus.Invoke(next, at: 1);
                }

                seen.Add($"{name} {locus.Status}");
                return locus.Return();
            });
        }
        else
        {
            CreateDirect(name, locus =>
            {
                locus.Invoke(next);
                seen.Add(name);
            });
        }
    }

    private static Status AskToReturn(DirectContext locus, InvocationWay way, int size)
    {
        if (way == InvocationWay.DirectCall)
        {
            return locus.Calls.KmoReturn(0, (ulong)size);
        }

        try
        {
            locus.Return(new byte[size]);
            return Status.Accepted;
        }
        catch (KernelException refused)
        {
            return refused.Status;
        }
    }
}
