using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>
/// Each error of kmo_invoke, in the order of docs/semantics.md: whatever applies besides, the earlier one is answered,
/// and the locus is where it was.
/// </summary>
public class InvokeErrorTests : LocusFixture
{
    private const int Limit = LocusLimits.ArgumentBlockSize;
    private const uint Itself = 0;
    private const uint Good = 1;
    private const uint OfLocus = 2;
    private const uint WithoutRight = 3;
    private const uint WithoutPoint = 4;
    private const uint PointRemoved = 5;
    private const uint Empty = 6;

    private Container _home = null!;
    private Attempt _attempt = null!;
    private int _depth;
    private int _arrivals;
    private int _sizeAtArrival;
    private Status _status;
    private (string Host, int Depth, bool IsPending)? _after;

    [Test]
    public void What_comes_first_is_answered(
        [Values] InvocationWay way, [Values] bool isNested, [Values(1, LocusLimits.InvocationDepth)] int depth)
    {
        Arrange(way);
        foreach ((uint slot, Status expected) in ((uint, Status)[])
            [
                (CapRef.TableSize, Status.InvalidCapRef),
                (Empty, Status.InvalidCapRef),
                (OfLocus, Status.WrongEntityType),
                (WithoutRight, Status.PermissionDenied),
                (WithoutPoint, Status.NoInvocationPoint),
                (PointRemoved, Status.NoInvocationPoint),
            ])
        {
            foreach (int size in (int[])[0, 1, Limit, Limit + 1])
            {
                Refuses(expected, new Attempt(way, CapRef.Container(slot), isNested, size), depth);
            }
        }

        Refuses(Status.ArgBlockTooLarge, new Attempt(way, CapRef.Container(Good), isNested, Limit + 1), depth);
        foreach (int size in (int[])[0, 1, Limit])
        {
            var attempt = new Attempt(way, CapRef.Container(Good), isNested, size);
            if (isNested && depth == LocusLimits.InvocationDepth)
            {
                Refuses(Status.NestingExhausted, attempt, depth);
            }
            else
            {
                Accepts(attempt, depth);
            }
        }
    }

    [Test]
    public void Only_then_is_the_block_read(
        [Values(InvocationWay.DirectCall, InvocationWay.StepCall)] InvocationWay way, [Values] bool isNested)
    {
        Arrange(way);
        foreach ((ulong offset, ulong size, Status expected) in ((ulong, ulong, Status)[])
            [
                (1, Limit, Status.OutOfRange),
                (Limit, 1, Status.OutOfRange),
                (ulong.MaxValue, 1, Status.OutOfRange),
                (ulong.MaxValue - 1, 2, Status.OutOfRange),
                (1UL << 63, 1, Status.OutOfRange),
                (ulong.MaxValue - 7, ulong.MaxValue, Status.ArgBlockTooLarge),
                (0, ulong.MaxValue, Status.ArgBlockTooLarge),
                (0, 1UL << 32, Status.ArgBlockTooLarge),
            ])
        {
            Refuses(
                expected,
                new Attempt(way, CapRef.Container(Good), isNested, Size: 0) { Offset = offset, LongSize = size },
                depth: 1);
        }

        Accepts(
            new Attempt(way, CapRef.Container(Good), isNested, Size: 0) { Offset = ulong.MaxValue, LongSize = 0 },
            depth: 1);
        Accepts(
            new Attempt(way, CapRef.Container(Good), isNested, Size: 1) { Offset = Limit - 1, LongSize = 1 },
            depth: 1);
    }

    [Test]
    public void A_block_that_cannot_be_read_is_a_status(
        [Values(InvocationWay.DirectCall, InvocationWay.StepCall)] InvocationWay way, [Values] bool isNested)
    {
        Arrange(way);
        Manager.OnFault = (in fault, container) =>
        {
            if (container.Name == "home" && fault.Page.Value == 15)
            {
                return Status.IoError;
            }

            Manager.Supply(in fault);
            return Status.Success;
        };

        Refuses(
            Status.IoError, new Attempt(way, CapRef.Container(Good), isNested, Limit) { LongSize = Limit }, depth: 2);
        Accepts(
            new Attempt(way, CapRef.Container(Good), isNested, Limit - 4096) { LongSize = Limit - 4096 }, depth: 2);
    }

    [Test]
    public void The_block_faults_in_where_the_caller_is_and_is_frozen(
        [Values(InvocationWay.DirectCall, InvocationWay.StepCall)] InvocationWay way)
    {
        Arrange(way);
        using (Capability itself = _home.GetCapability())
        {
            _home.View.Write(4096, 77L);
            _home.TakeSnapshot().WaitForDurable();
        }

        _home.Dispose();                                            // its pages have left memory
        _attempt = new Attempt(way, CapRef.Container(Good), IsNested: true, Size: 8) { Offset = 4096, LongSize = 8 };
        _depth = 1;
        long seen = 0;
        Arrive = locus =>
        {
            Kernel.EntityOf("home").Open!.View.Write(4096, 78L);
            seen = Value(locus.InArguments);
        };

        Kernel.CreateLocus("home", "home").Completion.GetAwaiter().GetResult();

        Assert.That(seen, Is.EqualTo(77));
    }

    [Test]
    public void A_container_may_invoke_itself_nested_or_not([Values] InvocationWay way, [Values] bool isNested)
    {
        var seen = new List<string>();
        bool isDone = false;
        Container self = way is InvocationWay.DirectCall or InvocationWay.DirectMethod
            ? CreateDirect("self", locus =>
            {
                seen.Add($"{locus.Host} {locus.Depth} {locus.InArguments.Length}");
                if (!isDone)
                {
                    isDone = true;
                    Ask(locus, new Attempt(way, CapRef.Container(0), isNested, Size: 5));
                    seen.Add($"back {locus.Depth}");
                }
            })
            : Create("self", locus =>
            {
                seen.Add($"{locus.Host} {locus.Depth} {locus.InArguments.Length}");
                if (isDone)
                {
                    return locus.Return();
                }

                isDone = true;
                return Ask(locus, new Attempt(way, CapRef.Container(0), isNested, Size: 5), out _)!.Value;
            });
        using Capability capability = self.GetCapability();
        self.Grant(0, capability);

        Kernel.CreateLocus("self", "self").Completion.GetAwaiter().GetResult();

        string inner = $"self {(isNested ? 2 : 1)} 5";
        string[] expected = way switch
        {
            InvocationWay.DirectCall or InvocationWay.DirectMethod =>
                isNested ? ["self 1 0", inner, "back 1"] : ["self 1 0", "back 1", inner],
            _ => isNested ? ["self 1 0", inner, "self 1 0"] : ["self 1 0", inner],
        };
        Assert.That(seen, Is.EqualTo(expected));
    }

    [Test]
    public void After_a_jump_at_depth_one_the_return_ends_the_locus([Values] InvocationWay way)
    {
        Arrange(way);
        _attempt = new Attempt(way, CapRef.Container(Good), IsNested: false, Size: 3);
        _depth = 1;

        Locus locus = Kernel.CreateLocus("home", "home");
        byte[] last = locus.Completion.GetAwaiter().GetResult();

        Assert.Multiple(() =>
        {
            Assert.That(_arrivals, Is.EqualTo(1));
            Assert.That(last, Is.EqualTo("arrived"u8.ToArray()));
            Assert.That(locus.State, Is.EqualTo(LocusState.Ended));
            Assert.That(locus.Depth, Is.Zero);
            Assert.That(locus.Host, Is.Null);
        });
    }

    [Test]
    public void A_target_that_goes_between_the_answer_and_the_move_leaves_the_locus_where_it_was(
        [Values] bool isNested)
    {
        Arrange(InvocationWay.StepCall);
        var seen = new List<string>();
        Locus locus = At(_home, locus =>
        {
            seen.Add($"{locus.ResumePoint} {locus.Status} {locus.Depth}");
            if (locus.ResumePoint > 0)
            {
                return locus.Return(Bytes(4));
            }

            Assert.That(
                locus.Calls.KmoInvoke(CapRef.Container(Good), isNested, 0, 8), Is.EqualTo(Status.Accepted));
            Assert.That(locus.Calls.ContainerRemoveInvoke(CapRef.Container(Good)), Is.EqualTo(Status.Success));
            return locus.Continue(at: 3);
        });

        locus.Resume();

        Assert.That(Value(locus.Completion.Result), Is.EqualTo(4));
        Assert.That(seen, Is.EqualTo(["0 Success 1", "3 NoInvocationPoint 1"]));
        Assert.That(_arrivals, Is.Zero);
    }

    [Test]
    public void Once_asked_to_leave_nothing_else_can_be_asked([Values] bool isDirect, [Values] bool returns)
    {
        Arrange(InvocationWay.DirectCall);
        var statuses = new List<Status>();
        void Ask(SystemCalls calls)
        {
            statuses.Add(returns
                ? calls.KmoReturn(0, 1)
                : calls.KmoInvoke(CapRef.Container(Good), nested: false, 0, 1));
            statuses.Add(calls.KmoReturn(0, 8));
            statuses.Add(calls.KmoInvoke(CapRef.Container(Good), nested: true, 0, 8));
            statuses.Add(calls.KmoInvoke(CapRef.Container(Good), nested: false, 0, Limit + 1));
        }

        Locus locus = isDirect
            ? AtDirect(_home, locus =>
            {
                Ask(locus.Calls);
                statuses.Add(StatusOf(() => locus.Invoke(CapRef.Container(Good))));
                statuses.Add(StatusOf(() => locus.Jump(CapRef.Container(Good))));
                statuses.Add(StatusOf(() => locus.Return([])));
            })
            : At(_home, locus =>
            {
                Ask(locus.Calls);
                return locus.Continue();
            });
        locus.Resume();
        byte[] last = locus.Completion.GetAwaiter().GetResult();

        Assert.That(statuses[0], Is.EqualTo(Status.Accepted));
        Assert.That(statuses.Skip(1), Is.All.EqualTo(Status.NotAtBoundary));
        Assert.That(last, Has.Length.EqualTo(returns ? 1 : 7), "the first that was asked for was done");
    }

    [Test]
    public void A_step_that_ends_otherwise_does_not_pass_on_what_it_had_asked_for()
    {
        Arrange(InvocationWay.StepCall);
        _home.View.Write(0, 42L);
        foreach (StepEntry code in (StepEntry[])
            [
                locus =>
                {
                    Assert.That(
                        locus.Calls.KmoInvoke(CapRef.Container(Good), nested: true, 0, 8),
                        Is.EqualTo(Status.Accepted));
                    return default;
                },
                locus =>
                {
                    _ = locus.Invoke(CapRef.Container(Good), Bytes(3));
                    return default;
                },
                locus =>
                {
                    _ = locus.Return(Bytes(3));
                    return default;
                },
                locus =>
                {
                    _ = locus.ResumePoint == 0 ? locus.Return(Bytes(3)) : default;
                    return locus.ResumePoint == 0 ? locus.Continue(at: 1) : default;
                },
            ])
        {
            Locus locus = At(_home, code);
            locus.Resume();
            Assert.That(locus.Completion.Result, Is.Empty);
        }
    }

    [Test]
    public void A_way_on_that_another_has_overtaken_is_refused()
    {
        Arrange(InvocationWay.StepWay);
        Locus locus = At(_home, locus =>
        {
            Step first = locus.Return(Bytes(1));
            _ = locus.Invoke(CapRef.Container(Good), Bytes(2));
            return first;
        });
        locus.Resume();

        Assert.That(StatusOf(() => locus.Completion.GetAwaiter().GetResult()), Is.EqualTo(Status.EntryFailed));
    }

    private Action<StepContext>? Arrive { get; set; }

    private void Arrange(InvocationWay way)
    {
        Arrive = null;
        _arrivals = 0;
        _home = way is InvocationWay.DirectCall or InvocationWay.DirectMethod
            ? CreateDirect("home", AtHome)
            : Create("home", AtHome);
        Container target = Create("target", locus =>
        {
            _arrivals++;
            _sizeAtArrival = locus.InArguments.Length;
            Arrive?.Invoke(locus);
            return locus.Return("arrived"u8);
        });
        Create("without point");
        Container removed = Create("removed", locus => locus.Return());
        removed.RemoveInvocationPoint();
        _home.Grant(Itself, _home.GetCapability());
        _home.Grant(Good, target.GetCapability());
        _home.Grant(OfLocus, Kernel.GetCapability(At(_home, locus => locus.Return())));
        _home.Grant(WithoutRight, target.GetCapability().Derive(KernelRights.All & ~KernelRights.Invoke));
        _home.Grant(WithoutPoint, Kernel.GetCapability("without point"));
        _home.Grant(PointRemoved, removed.GetCapability());
    }

    private void AtHome(DirectContext locus)
    {
        if (locus.Depth < _depth)
        {
            locus.Invoke(CapRef.Container(Itself));
            return;
        }

        _status = Ask(locus, _attempt);
        Note(locus);
    }

    private Step AtHome(StepContext locus)
    {
        switch (locus.ResumePoint)
        {
            case 0 when locus.Depth < _depth:
                return locus.Invoke(CapRef.Container(Itself), at: 9);
            case 0 when Ask(locus, _attempt, out _status) is { } step:
                return step;
            case 1:
                _status = locus.Status;
                Note(locus);
                return locus.Return();
            case 9:
                return locus.Return();
            default:
                Note(locus);
                return locus.Return();
        }
    }

    private void Note(LocusContext locus) => _after = (
        locus.Host,
        locus.Depth,
        locus is StepContext && Kernel.Loci.Any(other => other.Id == locus.Id && other.Entity.HasPending));

    private void Refuses(Status expected, Attempt attempt, int depth)
    {
        Execute(attempt, depth);
        Assert.Multiple(() =>
        {
            Assert.That(_status, Is.EqualTo(expected), $"{attempt}");
            Assert.That(_after, Is.EqualTo(("home", depth, false)), $"{attempt}: where it is");
            Assert.That(_arrivals, Is.Zero, $"{attempt}: arrivals");
        });
    }

    private void Accepts(Attempt attempt, int depth)
    {
        Execute(attempt, depth);
        Assert.Multiple(() =>
        {
            Assert.That(_status, Is.AnyOf(Status.Success, Status.Accepted), $"{attempt}");
            Assert.That(_arrivals, Is.EqualTo(1), $"{attempt}: arrivals");
            Assert.That(_sizeAtArrival, Is.EqualTo(attempt.Size), $"{attempt}");
            if (attempt.IsNested)
            {
                Assert.That(_after, Is.EqualTo(("home", depth, false)), $"{attempt}: where it is");
            }
        });
    }

    private void Execute(Attempt attempt, int depth)
    {
        (_attempt, _depth, _arrivals, _after) = (attempt, depth, 0, null);
        Kernel.CreateLocus("home", "home").Completion.GetAwaiter().GetResult();
    }

    private static Status Ask(DirectContext locus, Attempt attempt)
    {
        if (attempt.Way == InvocationWay.DirectCall)
        {
            return locus.Calls.KmoInvoke(attempt.Target, attempt.IsNested, attempt.Offset, attempt.SizeOfCall);
        }

        try
        {
            if (attempt.IsNested)
            {
                locus.Invoke(attempt.Target, new byte[attempt.Size]);
            }
            else
            {
                locus.Jump(attempt.Target, new byte[attempt.Size]);
            }

            return Status.Success;
        }
        catch (KernelException refused)
        {
            return refused.Status;
        }
    }

    /// <returns>The way on, or null if the call has been refused.</returns>
    private static Step? Ask(StepContext locus, Attempt attempt, out Status status)
    {
        status = Status.Accepted;
        if (attempt.Way == InvocationWay.StepWay)
        {
            return attempt.IsNested
                ? locus.Invoke(attempt.Target, new byte[attempt.Size], at: 1)
                : locus.Jump(attempt.Target, new byte[attempt.Size], at: 1);
        }

        status = locus.Calls.KmoInvoke(attempt.Target, attempt.IsNested, attempt.Offset, attempt.SizeOfCall);
        return status == Status.Accepted ? locus.Continue(at: 1) : null;
    }

    private sealed record Attempt(InvocationWay Way, CapRef Target, bool IsNested, int Size)
    {
        internal ulong Offset { get; init; }

        internal ulong? LongSize { get; init; }

        internal ulong SizeOfCall => LongSize ?? (ulong)Size;
    }
}
