using System.Runtime.CompilerServices;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <content>Moving from container to container (docs/semantics.md, "Invocation").</content>
internal sealed partial class LocusEntity
{
    private const int MostVainReturns = 16;

    private Step _pending;
    private bool _hasPending;
    private uint _block;                                            // the number of the one in custody

    /// <summary>
    /// Whether a system call, or code in direct style, has asked for what is done when the code returns.
    /// </summary>
    internal bool HasPending => _hasPending;

    /// <summary>What is to come next, when the code returns; it was checked already.</summary>
    internal void SetPending(in Step step)
    {
        _pending = step;
        _hasPending = true;
    }

    /// <summary>Takes a block into custody, in place of the last.</summary>
    /// <returns>Its number.</returns>
    internal uint Freeze(ReadOnlySpan<byte> bytes)
    {
        _passed.Freeze(bytes);
        return NoteBlock();
    }

    /// <summary>Another block is in custody now: a way on that was to pass the last one cannot be taken.</summary>
    internal uint NoteBlock() => ++_block == 0 ? ++_block : _block;

    private void ForgetPending()
    {
        _hasPending = false;
        _passed.Clear();
    }

    /// <summary>Checks all that can be checked before the block is read, in the order of the document.</summary>
    internal Status CheckInvoke(CapRef reference, bool isNested, ulong blockSize) =>
        CheckInvoke(reference, isNested, blockSize, out _, out _);

    private Status CheckInvoke(
        CapRef reference, bool isNested, ulong blockSize, out PermissionGroup? group, out EntryPoint? entry)
    {
        Status status = Caller.FindTarget(reference, out group, out entry);
        return status != Status.Success ? status
            : blockSize > LocusLimits.ArgumentBlockSize ? Status.ArgBlockTooLarge
            : isNested && _depth == LocusLimits.InvocationDepth ? Status.NestingExhausted
            : Status.Success;
    }

    internal Status CheckReturn(ulong blockSize) =>
        _depth > 1 && _stack[_depth - 2]!.Host.IsGone ? Status.ContainerGone
        : blockSize > LocusLimits.ArgumentBlockSize ? Status.ArgBlockTooLarge
        : Status.Success;

    /// <summary>Invokes from code in direct style, and comes back.</summary>
    internal Status InvokeHere(CapRef reference)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return Status.NestingExhausted;
        }

        int floor = _depth;
        Status status = TryInvoke(reference, isNested: true);
        if (status != Status.Success)
        {
            return status;
        }

        Run(floor, steps: int.MaxValue);
        ThrowIfUnwound();
        return LastStatus;
    }

    /// <summary>Code whose invocation is over must not go on: its frame is unwound.</summary>
    internal void ThrowIfUnwound()
    {
        if (_directFrames > _directRecords || _depth == 0)
        {
            throw new KernelException(
                Status.ContainerGone, "the invocation has ended: its container or its locus was destroyed");
        }
    }

    /// <summary>For calls of code in direct style: rests, or leaves, if that is wanted.</summary>
    internal void PassBoundary()
    {
        ThrowIfUnwound();                                           // it may have caught what it was told before
        if (Top.Entry.Direct is not null && IsAwaited)
        {
            TryPassBoundary(floor: 0);
            ThrowIfUnwound();
        }
    }

    private void Perform(InvocationRecord record, Step next)
    {
        if (_hasPending && next.Kind == StepKind.Continue)
        {
            record.ResumePoint = next.ResumePoint;                  // also where it goes on if a return fails
            next = new Step(_pending.Kind, _pending.Container, next.ResumePoint, _block);
        }

        _hasPending = false;
        if (next.Block == 0)
        {
            _passed.Clear();                                        // somebody may have asked, and changed his mind
        }
        else if (next.Block != _block)
        {
            Fail(new InvalidOperationException(
                $"'{record.Entry.Name}' returned a step although it had asked for another one since"));
            return;
        }

        switch (next.Kind)
        {
            case StepKind.Continue:
                record.ResumePoint = next.ResumePoint;
                LastStatus = Status.Success;
                break;
            case StepKind.Return:
                Return(record);
                break;
            case StepKind.Invoke:
                record.ResumePoint = next.ResumePoint;
                LastStatus = TryInvoke(next.Container, isNested: true);
                break;
            case StepKind.Jump:
                record.ResumePoint = next.ResumePoint;
                LastStatus = TryInvoke(next.Container, isNested: false);
                break;
            default:
                record.ResumePoint = next.ResumePoint;
                LastStatus = TakeSnapshot(next.Container);
                break;
        }
    }

    /// <summary>Code in direct style has returned: what it asked for, or a return without a block.</summary>
    private void PerformPending(InvocationRecord record)
    {
        if (!_hasPending)
        {
            _passed.Clear();
            _pending = new Step(StepKind.Return);
        }

        _hasPending = false;
        int depth = _depth;
        if (_pending.Kind == StepKind.Jump)
        {
            Status status = TryInvoke(_pending.Container, isNested: false);
            if (status != Status.Success && _depth == depth)
            {
                Fail(new KernelException(
                    status, $"'{record.Entry.Name}' jumped, but the target went away meanwhile: {status}"));
            }
        }
        else
        {
            LastStatus = TryReturn();
            if (LastStatus != Status.Success && _depth == depth)
            {
                ReturnByForce();
            }
        }
    }

    /// <summary>
    /// A step returns. If it cannot, its code is told; code that goes on returning has nothing else to do, and would
    /// never end.
    /// </summary>
    private void Return(InvocationRecord record)
    {
        int depth = _depth;
        LastStatus = TryReturn();
        if (LastStatus == Status.Success || _depth != depth)
        {
            return;
        }

        if (++record.VainReturns < MostVainReturns)
        {
            return;
        }

        if (LastStatus == Status.ContainerGone)
        {
            ReturnByForce();
        }
        else
        {
            Fail(new KernelException(
                LastStatus, $"'{record.Entry.Name}' returned {MostVainReturns} times in vain: {LastStatus}"));
        }
    }

    /// <summary>Where it would return to is gone, and its code is over: it goes on below.</summary>
    private void ReturnByForce()
    {
        LeaveHost();
        lock (_record)
        {
            Out.Clear();
            Pop();
        }

        EnterHost();
    }

    /// <summary>Moves into another container; what is to be passed has been frozen.</summary>
    private Status TryInvoke(CapRef reference, bool isNested)
    {
        Status status = CheckInvoke(
            reference, isNested, (ulong)_passed.Length, out PermissionGroup? group, out EntryPoint? entry);
        ContainerEntity? target = status == Status.Success ? (ContainerEntity)group!.Entity : null;
        if (target is { Open: null })
        {
            status = Kernel.ActivateCold(target, Top.Host.Open?.Interval ?? default, _passed.Bytes);
        }

        if (status == Status.Success)
        {
            status = TryEnter(target!);
        }

        if (status != Status.Success)
        {
            _passed.Clear();
            return status;
        }

        if (isNested)
        {
            Push(target!, entry!, group!.UserRights);
        }
        else
        {
            InvocationRecord record = Top;
            Leave(record);
            Enter(record, target!, entry!, group!.UserRights);
        }

        LeaveFor(target);
        LastStatus = Status.Success;                                // of what was before, the invoked code sees nothing
        LastFailure = null;
        return Status.Success;
    }

    /// <summary>
    /// Enters another container without leaving this one: the record changes while the locus is inside both, so a cut
    /// that finds either empty finds it at rest. Nobody waits for the one inside the other, though: a cut of both would
    /// wait for it.
    /// </summary>
    private Status TryEnter(ContainerEntity target)
    {
        int depth = _depth;
        while (target != _inside && !target.Turns.TryEnterNow())
        {
            LeaveHost();
            bool isThere = target.Turns.WaitUntilOpen();
            EnterHost();
            if (_depth != depth)
            {
                return Status.ContainerGone;
            }

            if (!isThere)
            {
                return Status.InvalidCapRef;                        // destroyed meanwhile, and its capabilities with it
            }
        }

        return Status.Success;
    }

    /// <summary>Leaves the container that the record no longer names; the other was entered before.</summary>
    private void LeaveFor(ContainerEntity? target)
    {
        ContainerEntity? left = _inside;
        _inside = target;
        if (left != target)
        {
            left?.Turns.Leave();
            _hops++;
        }
    }

    private Status TryReturn()
    {
        ContainerEntity? to = _depth > 1 ? _stack[_depth - 2]!.Host : null;
        Status status = CheckReturn((ulong)_passed.Length);
        if (status == Status.Success && to is not null && TryEnter(to) != Status.Success)
        {
            status = Status.ContainerGone;
        }

        if (status != Status.Success)
        {
            _passed.Clear();
            return status;
        }

        (Out, _passed) = (_passed, Out);
        _passed.Clear();
        LastFailure = null;
        Pop();
        LeaveFor(to);
        return Status.Success;
    }

    private Status TakeSnapshot(CapRef reference)
    {
        Status status = Caller.Find(
            reference, EntityType.Container, KernelRights.Snapshot, out PermissionGroup? group);
        if (status != Status.Success)
        {
            return status;
        }

        int depth = _depth;
        LeaveHost();
        status = Kernel.Snapshot((ContainerEntity)group!.Entity);
        EnterHost();
        return _depth == depth ? status : Status.ContainerGone;     // its own container is gone, which comes first
    }
}
