using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Core.Capabilities;

/// <content><c>kmo_invoke</c> and its family.</content>
public sealed partial class SystemCalls
{
    /// <summary>Moves the locus into another container, to its invocation point.</summary>
    /// <remarks>
    /// <para>
    /// Code cannot be left in the middle in C#. Nested, in direct style, the call returns when the invoked container
    /// has returned. Otherwise it answers <see cref="Status.Accepted"/>: all has been checked and the block was read;
    /// the move is made as soon as the code returns, which it must do next: in step style with
    /// <see cref="StepContext.Continue"/>, whose point is where the code goes on after the return, or, should the move
    /// fail after all, with <see cref="StepContext.Status"/> saying why.
    /// </para>
    /// <para>A failure leaves the locus where it was.</para>
    /// </remarks>
    /// <param name="container">A capability with <see cref="KernelRights.Invoke"/>.</param>
    /// <param name="nested">Whether the present invocation stays on the stack, to be returned to.</param>
    /// <param name="args">Where the argument block is in the container where the locus executes.</param>
    /// <param name="argsSize">Its bytes, at most <see cref="LocusLimits.ArgumentBlockSize"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/> or <see cref="Status.Accepted"/>; <see cref="Status.InvalidCapRef"/>,
    /// <see cref="Status.WrongEntityType"/>, <see cref="Status.PermissionDenied"/>,
    /// <see cref="Status.NoInvocationPoint"/>, <see cref="Status.NotRegistered"/> (the code at the invocation point),
    /// <see cref="Status.ArgBlockTooLarge"/>, <see cref="Status.NestingExhausted"/>; what kept the block from being
    /// read (<see cref="Status.OutOfRange"/> beyond the container's end); after the return,
    /// <see cref="Status.EntryFailed"/> if the invoked code threw, <see cref="Status.ContainerGone"/> if its container
    /// was destroyed.
    /// </returns>
    public Status KmoInvoke(CapRef container, bool nested, ulong args, ulong argsSize)
    {
        if (Leaving() is { } refusal)
        {
            return refusal;
        }

        Status status = _locus!.CheckInvoke(container, nested, argsSize);
        if (status == Status.Success)
        {
            status = ReadBlock(args, argsSize);
        }

        if (status != Status.Success)
        {
            return status;
        }

        if (nested && _locus.Top.Entry.Direct is not null)
        {
            return _locus.InvokeHere(container);
        }

        _locus.SetPending(new Step(nested ? StepKind.Invoke : StepKind.Jump, container));
        return Status.Accepted;
    }

    /// <summary>
    /// Ends the invocation and goes back to the container that invoked, just after its <see cref="KmoInvoke"/>; the
    /// last return ends the locus.
    /// </summary>
    /// <remarks>As <see cref="KmoInvoke"/>, the move is made when the code returns.</remarks>
    /// <param name="args">Where the block is in the container where the locus executes.</param>
    /// <param name="argsSize">Its bytes, at most <see cref="LocusLimits.ArgumentBlockSize"/>.</param>
    /// <returns>
    /// <see cref="Status.Accepted"/>; <see cref="Status.ContainerGone"/> if the container to return to was destroyed,
    /// <see cref="Status.ArgBlockTooLarge"/>, what kept the block from being read. Nothing is popped then.
    /// </returns>
    public Status KmoReturn(ulong args, ulong argsSize)
    {
        if (Leaving() is { } refusal)
        {
            return refusal;
        }

        Status status = _locus!.CheckReturn(argsSize);
        if (status == Status.Success)
        {
            status = ReadBlock(args, argsSize);
        }

        if (status != Status.Success)
        {
            return status;
        }

        _locus.SetPending(new Step(StepKind.Return));
        return Status.Accepted;
    }

    /// <summary>Copies a part of the block that this invocation was passed into the container.</summary>
    /// <param name="destination">Where to, in the container where the locus executes.</param>
    /// <param name="offset">From which byte of the block.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.OffsetBeyondBlock"/>, also for 0 in an empty block,
    /// <see cref="Status.RangeBeyondBlock"/>; what kept the bytes from being written.
    /// </returns>
    public Status GetInArgs(ulong destination, ulong offset, ulong length)
    {
        PassBoundary();
        return _locus is null ? Status.NotSupported : WriteBlock(_locus.Top.In, destination, offset, length);
    }

    /// <summary>Copies a part of the block that the last return to this locus passed into the container.</summary>
    /// <inheritdoc cref="GetInArgs"/>
    public Status GetOutArgs(ulong destination, ulong offset, ulong length)
    {
        PassBoundary();
        return _locus is null ? Status.NotSupported : WriteBlock(_locus.Out, destination, offset, length);
    }

    /// <summary>The bytes of the block that this invocation was passed; 0 if there was none.</summary>
    public ulong GetInSize()
    {
        PassBoundary();
        return (ulong)(_locus?.Top.In.Length ?? 0);
    }

    /// <summary>The bytes of the block that the last return to this locus passed; 0 if there was none.</summary>
    public ulong GetOutSize()
    {
        PassBoundary();
        return (ulong)(_locus?.Out.Length ?? 0);
    }

    /// <summary>Why the locus cannot ask to leave now; null if it can.</summary>
    private Status? Leaving()
    {
        PassBoundary();
        return _locus is null ? Status.NotSupported
            : _locus.HasPending ? Status.NotAtBoundary
            : null;
    }

    private Status ReadBlock(ulong offset, ulong size)
    {
        ArgumentBlock block = _locus!.Pass;
        _locus.NoteBlock();
        if (size == 0)
        {
            block.Clear();
            return Status.Success;
        }

        Status status = FindRange(offset, size, out ContainerView? view);
        if (status == Status.Success)
        {
            status = HostMemory.Read(view!, (long)offset, block.Room((int)size));
        }

        if (status != Status.Success)
        {
            block.Clear();
        }

        return status;
    }

    private Status WriteBlock(ArgumentBlock block, ulong destination, ulong offset, ulong length)
    {
        Status status = block.Check(offset, length);
        if (status == Status.Success && length > 0)
        {
            status = FindRange(destination, length, out ContainerView? view);
            if (status == Status.Success)
            {
                status = HostMemory.Write(
                    view!, (long)destination, block.Bytes.Slice((int)offset, (int)length));
            }
        }

        return status;
    }

    private Status FindRange(ulong offset, ulong length, out ContainerView? view)
    {
        Status status = HostMemory.Find(_kernel, _locus!.Top, out view);
        return status == Status.Success && (offset > (ulong)view!.Length || length > (ulong)view.Length - offset)
            ? Status.OutOfRange
            : status;
    }
}
