using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>
/// Code that invokes, jumps, returns, throws, destroys, suspends and resumes at random is always where a model of
/// invocation stacks says, and sees what it says. A failure prints its seed.
/// </summary>
public class InvocationModelTests : LocusFixture
{
    private static int Seeds => OperatingSystem.IsWindows() ? 20 : 200;

    public enum Styles
    {
        Step,
        Direct,
        Mixed,
    }

    [Test]
    public void A_locus_is_where_the_model_says([Values] Styles styles, [Values] bool byCalls)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            new ModelRun(this, styles, byCalls, seed).ToTheEnd();
        }
    }

    private sealed class ModelRun(InvocationModelTests fixture, Styles styles, bool byCalls, int seed)
    {
        private const int Containers = 6;
        private const int Actions = 120;

        private readonly Random _random = new(seed);
        private readonly InvocationModel _model = new();
        private readonly List<string> _done = [];
        private readonly bool[] _isDirect = new bool[Containers];
        private Locus _locus = null!;
        private string? _wrong;
        private ulong _register;
        private int _actions;

        internal void ToTheEnd()
        {
            for (int container = 0; container < Containers; container++)
            {
                _isDirect[container] = styles switch
                {
                    Styles.Step => false,
                    Styles.Direct => true,
                    _ => _random.Next(2) == 0,
                };
                string name = NameOf(container);
                if (_isDirect[container])
                {
                    fixture.CreateDirect(name, Direct);
                }
                else
                {
                    fixture.Create(name, Step);
                }
            }

            byte[] block = Block();
            _model.Begin(0, block);
            _locus = fixture.Kernel.CreateLocus(NameOf(0), NameOf(0), block, isSuspended: true);
            for (int container = 0; container < Containers; container++)
            {
                using Capability master = fixture.Kernel.GetCapability(NameOf(container));
                using Capability one = master.Derive(KernelRights.All, UserRightsOf(container));
                _locus.Grant((uint)container, one);
            }

            _locus.Resume();
            Status end = Status.Success;
            byte[]? last = null;
            try
            {
                last = _locus.Completion.WaitAsync(TimeSpan.FromSeconds(60)).GetAwaiter().GetResult();
            }
            catch (KernelException failure)
            {
                end = failure.Status;
            }

            string where = $"seed {seed}, {styles}:\n{string.Join('\n', _done)}";
            Assert.That(_wrong, Is.Null, where);
            Assert.That(_model.Frames, Is.Empty, where);
            Assert.That(end, Is.EqualTo(_model.Status), where);
            if (end == Status.Success)
            {
                Assert.That(last, Is.EqualTo(_model.Out), where);
            }

            foreach (int container in Enumerable.Range(0, Containers).Where(each => !_model.IsGone(each)))
            {
                using Capability capability = fixture.Kernel.GetCapability(NameOf(container));
                Assert.That(
                    fixture.Kernel.Calls.ContainerDestroy(capability.Reference), Is.EqualTo(Status.Success), where);
            }
        }

        private string NameOf(int container) => $"{seed} {styles} {byCalls} {container}";

        private static uint UserRightsOf(int container) => 3u << container;

        private Step Step(StepContext locus)
        {
            Check(locus);
            if (locus.Status != _model.Status)
            {
                Wrong($"status {locus.Status}, not {_model.Status}");
            }

            if (locus.ResumePoint != _model.Top.ResumePoint)
            {
                Wrong($"at {locus.ResumePoint}, not {_model.Top.ResumePoint}");
            }

            if (_wrong is not null)
            {
                throw new InvalidOperationException(_wrong);
            }

            ulong next = (ulong)_random.NextInt64();
            int target = _random.Next(Containers);
            byte[] block = Block();
            InvocationModel.Frame frame = _model.Top;
            switch (Choose())
            {
                case Choice.Invoke or Choice.Jump when _random.Next(2) is var nested:
                    Done($"{(nested == 1 ? "invoke" : "jump to")} {target}");
                    Status status = _model.Check(target, nested == 1);
                    frame.ResumePoint = next;
                    _model.Invoke(target, UserRightsOf(target), nested == 1, block);
                    if (byCalls)
                    {
                        return ByCall(locus, target, nested == 1, block, next, status);
                    }

                    return nested == 1
                        ? locus.Invoke(CapRef.Locus((uint)target), block, next)
                        : locus.Jump(CapRef.Locus((uint)target), block, next);
                case Choice.Return:
                    Done("return");
                    if (_random.Next(4) == 0)
                    {
                        _model.Return([]);
                        return default;
                    }

                    _model.Return(block);
                    return locus.Return(block);
                case Choice.Destroy:
                    Destroy(locus, target);
                    _model.Continue(next);
                    _model.PassBoundary();
                    return locus.Continue(next);
                case Choice.Throw:
                    Done("throw");
                    _model.Throw();
                    throw new FormatException("as it should");
                case Choice.End:
                    Done("end");
                    _locus.Destroy();
                    _model.End();
                    return locus.Continue(next);
                default:
                    SuspendAndResume();
                    _model.Continue(next);
                    _model.PassBoundary();
                    return locus.Continue(next);
            }
        }

        private Step ByCall(StepContext locus, int target, bool isNested, byte[] block, ulong next, Status expected)
        {
            locus.View.Write(64, block.AsSpan());
            Status status = locus.Calls.KmoInvoke(CapRef.Locus((uint)target), isNested, 64, (ulong)block.Length);
            if (status != (expected == Status.Success ? Status.Accepted : expected))
            {
                Wrong($"the call answered {status}, not {expected}");
            }

            if (status != Status.Accepted)
            {
                _model.Continue(next);
            }

            return locus.Continue(next);
        }

        private void Direct(DirectContext locus)
        {
            InvocationModel.Frame frame = _model.Top;
            while (true)
            {
                Check(locus);
                if (_wrong is not null)
                {
                    throw new InvalidOperationException(_wrong);
                }

                int target = _random.Next(Containers);
                byte[] block = Block();
                switch (Choose())
                {
                    case Choice.Invoke:
                        Done($"invoke {target}");
                        if (_model.Invoke(target, UserRightsOf(target), isNested: true, block) != Status.Success)
                        {
                            ExpectHere(Invoke(locus, target, block), _model.Status);
                            break;
                        }

                        Status status = Invoke(locus, target, block);
                        if (!_model.Frames.Contains(frame))
                        {
                            return;                                 // it was told so by an exception, and lets it pass
                        }

                        ExpectHere(status, _model.Status);
                        break;
                    case Choice.Jump:
                        Done($"jump to {target}");
                        Status may = _model.Check(target, isNested: false);
                        ExpectHere(Jump(locus, target, block), may);
                        if (may == Status.Success)
                        {
                            _model.Invoke(target, UserRightsOf(target), isNested: false, block);
                            return;
                        }

                        break;
                    case Choice.Return:
                        Done("return");
                        if (_random.Next(3) == 0)
                        {
                            _model.Leave([]);
                            return;
                        }

                        Status can = _model.CheckReturn();
                        ExpectHere(Return(locus, block), can);
                        if (can == Status.Success)
                        {
                            _model.Return(block);
                            return;
                        }

                        break;
                    case Choice.Destroy:
                        Destroy(locus, target);
                        _model.PassBoundary();
                        if (!_model.Frames.Contains(frame))
                        {
                            ExpectUnwound(locus);
                            return;
                        }

                        break;
                    case Choice.Throw:
                        Done("throw");
                        _model.Throw();
                        throw new FormatException("as it should");
                    case Choice.End:
                        Done("end");
                        _locus.Destroy();
                        _model.End();
                        ExpectUnwound(locus);
                        return;
                    default:
                        SuspendAndResume();
                        locus.Calls.GetInSize();
                        break;
                }
            }
        }

        private Status Invoke(DirectContext locus, int target, byte[] block)
        {
            if (byCalls && block.Length > 0)
            {
                locus.View.Write(64, block.AsSpan());
                try
                {
                    return locus.Calls.KmoInvoke(CapRef.Locus((uint)target), nested: true, 64, (ulong)block.Length);
                }
                catch (KernelException unwound)
                {
                    return unwound.Status;
                }
            }

            return StatusOf(() => locus.Invoke(CapRef.Locus((uint)target), block));
        }

        private Status Jump(DirectContext locus, int target, byte[] block)
        {
            if (!byCalls)
            {
                return StatusOf(() => locus.Jump(CapRef.Locus((uint)target), block));
            }

            locus.View.Write(64, block.AsSpan());
            Status status = locus.Calls.KmoInvoke(
                CapRef.Locus((uint)target), nested: false, 64, (ulong)block.Length);
            return status == Status.Accepted ? Status.Success : status;
        }

        private Status Return(DirectContext locus, byte[] block)
        {
            if (!byCalls)
            {
                return StatusOf(() => locus.Return(block));
            }

            locus.View.Write(64, block.AsSpan());
            Status status = locus.Calls.KmoReturn(64, (ulong)block.Length);
            return status == Status.Accepted ? Status.Success : status;
        }

        private static Status StatusOf(Action call)
        {
            try
            {
                call();
                return Status.Success;
            }
            catch (KernelException failure)
            {
                return failure.Status;
            }
        }

        private void Destroy(LocusContext locus, int container)
        {
            Done($"destroy {container}");
            ExpectHere(locus.Calls.ContainerDestroy(CapRef.Locus((uint)container)), _model.Destroy(container));
        }

        private void SuspendAndResume()
        {
            Done("suspend and resume");
            _locus.Suspend();
            ThreadPool.QueueUserWorkItem(_ => _locus.Resume());
        }

        private void ExpectUnwound(DirectContext locus)
        {
            ExpectHere(StatusOf(() => locus.Calls.GetInSize()), Status.ContainerGone);
            ExpectHere(StatusOf(() => _ = locus.View), Status.ContainerGone);
        }

        private void ExpectHere(Status status, Status expected)
        {
            if (status != expected)
            {
                Wrong($"{status}, not {expected}");
            }
        }

        private void Check(LocusContext locus)
        {
            InvocationModel.Frame frame = _model.Top;
            if (locus.Host != NameOf(frame.Container) || locus.Depth != _model.Frames.Count)
            {
                Wrong($"in {locus.Host} at depth {locus.Depth}, not in {frame.Container} at {_model.Frames.Count}");
            }

            if (!locus.InArguments.SequenceEqual(frame.In) || !locus.OutArguments.SequenceEqual(_model.Out))
            {
                Wrong($"blocks of {locus.InArguments.Length} and {locus.OutArguments.Length} bytes, "
                    + $"not {frame.In.Length} and {_model.Out.Length}, or others");
            }

            if (locus.UserRights != frame.UserRights)
            {
                Wrong($"user rights {locus.UserRights:x}, not {frame.UserRights:x}");
            }

            if (!locus.Registers.ToArray().All(register => register == _register))
            {
                Wrong($"registers {string.Join(' ', locus.Registers.ToArray())}, not {_register}");
            }

            locus.Registers.Fill(++_register);
        }

        private Choice Choose()
        {
            // After enough actions it only goes down: if it cannot return, it throws.
            if (++_actions > Actions)
            {
                return _model.CheckReturn() == Status.Success ? Choice.Return : Choice.Throw;
            }

            return _random.Next(100) switch
            {
                < 40 => Choice.Invoke,
                < 52 => Choice.Jump,
                < 80 => Choice.Return,
                < 83 => Choice.Destroy,
                < 88 => Choice.Throw,
                < 99 => Choice.Rest,
                _ => _random.Next(4) == 0 ? Choice.End : Choice.Rest,
            };
        }

        private byte[] Block()
        {
            var block = new byte[_random.Next(4) switch { 0 => 0, 1 => 5000, _ => _random.Next(1, 100) }];
            _random.NextBytes(block);
            return block;
        }

        private void Done(string what) => _done.Add($"{new string(' ', _model.Frames.Count)}{what}");

        private void Wrong(string what)
        {
            _wrong ??= $"{what} after {_done.LastOrDefault()}";
            _done.Add($"WRONG: {what}");
        }

        private enum Choice
        {
            Invoke,
            Jump,
            Return,
            Destroy,
            Throw,
            Rest,
            End,
        }
    }
}
