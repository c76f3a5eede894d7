using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>kmo_invoke and its family, by docs/semantics.md, "Invocation".</summary>
public class InvocationTests : LocusFixture
{
    [Test]
    public void The_host_program_invokes_a_container_and_gets_what_it_returns()
    {
        using Container doubler = Create("doubler", locus => locus.Return(Bytes(2 * Value(locus.InArguments))));
        using Capability capability = doubler.GetCapability();

        Assert.That(Value(Kernel.Invoke(capability, Bytes(21))), Is.EqualTo(42));
    }

    [Test]
    public async Task So_it_does_on_the_threads_of_loci()
    {
        using Container doubler = Create("doubler", locus => locus.Return(Bytes(2 * Value(locus.InArguments))));
        using Capability capability = doubler.GetCapability();

        Assert.That(Value(await Kernel.InvokeAsync(capability, Bytes(21))), Is.EqualTo(42));
    }

    [Test]
    public void A_nested_invocation_comes_back_in_direct_style()
    {
        using Container home = Create("home");
        using Container doubler = Create("doubler", locus => locus.Return(Bytes(2 * Value(locus.InArguments))));
        using Capability capability = doubler.GetCapability();
        var seen = new List<string>();

        byte[] result = Run(
            home,
            locus =>
            {
                seen.Add($"{locus.Host} {locus.Depth}");
                long four = Value(locus.Invoke(CapRef.Locus(0), Bytes(2)));
                seen.Add($"{locus.Host} {locus.Depth}");
                locus.Return(locus.Invoke(CapRef.Locus(0), Bytes(four)));
            },
            capability);

        Assert.Multiple(() =>
        {
            Assert.That(Value(result), Is.EqualTo(8));
            Assert.That(seen, Is.EqualTo(["home 1", "home 1"]));
        });
    }

    [Test]
    public void A_nested_invocation_comes_back_in_step_style_at_the_resume_point()
    {
        using Container home = Create("home");
        using Container doubler = Create("doubler", locus => locus.Return(Bytes(2 * Value(locus.InArguments))));
        using Capability capability = doubler.GetCapability();
        Locus locus = At(home, locus => locus.ResumePoint switch
        {
            0 => locus.Invoke(CapRef.Locus(0), Bytes(2), at: 7),
            7 => locus.Status == Status.Success && locus.Host == "home" && locus.Depth == 1
                ? locus.Return(locus.OutArguments)
                : throw new AssertionException($"{locus.Status} in {locus.Host}"),
            _ => throw new AssertionException($"at {locus.ResumePoint}"),
        });
        locus.Grant(0, capability);

        locus.Resume();

        Assert.That(Value(locus.Completion.Result), Is.EqualTo(4));
    }

    [Test]
    public void A_jump_replaces_the_invocation_and_returns_to_its_caller()
    {
        using Container last = Create("last", locus => locus.Return(Bytes(locus.Depth)));
        using Capability toLast = last.GetCapability();
        using Container middle = Create("middle", locus => locus.Jump(CapRef.Locus(1)));
        using Capability toMiddle = middle.GetCapability();
        using Container home = Create("home");

        byte[] result = Run(home, locus => locus.Return(locus.Invoke(CapRef.Locus(0))), toMiddle, toLast);

        Assert.That(Value(result), Is.EqualTo(2));
    }

    [Test]
    public void Registers_pass_with_invocations_and_returns()
    {
        using Container adder = Create("adder", locus =>
        {
            locus.Registers[2] = locus.Registers[0] + locus.Registers[1];
            return locus.Return();
        });
        using Capability capability = adder.GetCapability();
        using Container home = Create("home");

        byte[] result = Run(
            home,
            locus =>
            {
                (locus.Registers[0], locus.Registers[1]) = (3, 4);
                locus.Invoke(CapRef.Locus(0));
                locus.Return(Bytes((long)locus.Registers[2]));
            },
            capability);

        Assert.That(Value(result), Is.EqualTo(7));
    }

    [Test]
    public void A_block_is_what_it_was_when_it_was_passed()
    {
        using Container home = Create("home");
        home.View.Write(100, 5L);
        using Container reader = Create("reader", locus =>
        {
            home.View.Write(100, 6L);
            return locus.Calls.GetInArgs(destination: 8, offset: 0, length: 8) == Status.Success
                ? locus.Return(Bytes(locus.View.Read<long>(8)))
                : throw new AssertionException("in");
        });
        using Capability capability = reader.GetCapability();

        byte[] result = Run(
            home,
            locus =>
            {
                Assert.That(
                    locus.Calls.KmoInvoke(CapRef.Locus(0), nested: true, args: 100, argsSize: 8),
                    Is.EqualTo(Status.Success));
                Assert.That(locus.Calls.GetOutSize(), Is.EqualTo(8));
                Assert.That(locus.Calls.GetOutArgs(200, 0, 8), Is.EqualTo(Status.Success));
                Assert.That(locus.Calls.KmoReturn(200, 8), Is.EqualTo(Status.Accepted));
            },
            capability);

        Assert.That(Value(result), Is.EqualTo(5));
    }

    [Test]
    public void A_system_call_in_a_step_is_accepted_and_made_when_the_step_is_over()
    {
        using Container home = Create("home");
        home.View.Write(0, 3L);
        using Container doubler = Create("doubler", locus => locus.Return(Bytes(2 * Value(locus.InArguments))));
        using Capability capability = doubler.GetCapability();
        var statuses = new List<Status>();
        Locus locus = At(home, locus =>
        {
            statuses.Add(locus.ResumePoint == 0
                ? locus.Calls.KmoInvoke(CapRef.Locus(0), nested: true, 0, 8)
                : locus.Calls.GetOutArgs(8, 0, 8));
            if (locus.ResumePoint == 1)
            {
                statuses.Add(locus.Calls.KmoReturn(8, 8));
                statuses.Add(locus.Calls.KmoReturn(8, 8));
            }

            return locus.Continue(at: 1);
        });
        locus.Grant(0, capability);

        locus.Resume();

        Assert.Multiple(() =>
        {
            Assert.That(Value(locus.Completion.Result), Is.EqualTo(6));
            Assert.That(
                statuses, Is.EqualTo([Status.Accepted, Status.Success, Status.Accepted, Status.NotAtBoundary]));
        });
    }

    [Test]
    public void Code_that_throws_ends_its_invocation_and_its_caller_goes_on()
    {
        using Container bad = Create("bad", _ => throw new InvalidOperationException("no"));
        using Capability capability = bad.GetCapability();
        using Container home = Create("home");

        byte[] result = Run(
            home,
            locus =>
            {
                KernelException? failure = null;
                try
                {
                    locus.Invoke(CapRef.Locus(0));
                }
                catch (KernelException thrown)
                {
                    failure = thrown;
                }

                Assert.That(failure!.Status, Is.EqualTo(Status.EntryFailed));
                Assert.That(failure.InnerException, Is.InstanceOf<InvalidOperationException>());
                locus.Return(Bytes(locus.Depth));
            },
            capability);

        Assert.That(Value(result), Is.EqualTo(1));
        Assert.That(
            Assert.Catch<KernelException>(() => Kernel.Invoke(capability))!.Status, Is.EqualTo(Status.EntryFailed));
    }

    [Test]
    public void Nesting_ends_at_its_limit_and_comes_back_from_there()
    {
        Capability? self = null;
        using Container deep = CreateDirect("deep", locus =>
        {
            try
            {
                locus.Invoke(CapRef.Container(0));
            }
            catch (KernelException full) when (full.Status == Status.NestingExhausted)
            {
                locus.Registers[0] = (ulong)locus.Depth;
            }
        });
        self = deep.GetCapability();
        deep.Grant(0, self);

        Run(deep, locus =>
        {
            locus.Invoke(CapRef.Container(0));
            Assert.That(locus.Registers[0], Is.EqualTo(LocusLimits.InvocationDepth));
        });
    }

    [Test]
    public void Invoking_allocates_nothing()
    {
        var block = new byte[64];
        using Container callee = Create("callee", static locus => locus.Return(locus.InArguments));
        using Capability capability = callee.GetCapability();
        using Container home = Create("home");
        long allocated = -1;

        Run(
            home,
            locus =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    locus.Invoke(CapRef.Locus(0), block);
                }

                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 10_000; i++)
                {
                    locus.Invoke(CapRef.Locus(0), block);
                }

                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            },
            capability);

        Assert.That(allocated, Is.Zero);
    }
}
