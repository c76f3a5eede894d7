using Runtime.Core.Capabilities;

namespace Runtime.Core.Loci;

/// <summary>The locus as code in direct style sees it.</summary>
/// <remarks>
/// Its calls throw <see cref="KernelException"/> with the status of the documents, and <see
/// cref="Status.ContainerGone"/> once its own invocation was ended from outside; the code must let that one pass.
/// </remarks>
public sealed class DirectContext : LocusContext
{
    internal DirectContext(LocusEntity locus)
        : base(locus)
    {
    }

    /// <summary>Invokes a container and goes on when it has returned.</summary>
    /// <param name="container">A capability with the right to invoke.</param>
    /// <param name="arguments">Copied when the call is made.</param>
    /// <returns>The block that was returned; good until the next return.</returns>
    /// <exception cref="KernelException">
    /// As <see cref="SystemCalls.KmoInvoke"/>; <see cref="Status.EntryFailed"/> if the invoked code threw.
    /// </exception>
    public ReadOnlySpan<byte> Invoke(CapRef container, ReadOnlySpan<byte> arguments = default)
    {
        ThrowIfEnding(nameof(Invoke));
        Entity.Pass.Freeze(arguments);
        Status status = Entity.InvokeHere(container);
        if (status != Status.Success)
        {
            throw new KernelException(status, $"{nameof(Invoke)} {container}: {status}", Entity.LastFailure);
        }

        return Entity.Out.Bytes;
    }

    /// <summary>
    /// Invokes a container in place of this invocation, as soon as the code returns, which it must do next.
    /// </summary>
    /// <inheritdoc cref="Invoke"/>
    public void Jump(CapRef container, ReadOnlySpan<byte> arguments = default)
    {
        ThrowIfEnding(nameof(Jump));
        Status status = Entity.CheckInvoke(container, isNested: false, (ulong)arguments.Length);
        if (status != Status.Success)
        {
            throw new KernelException(status, $"{nameof(Jump)} {container}: {status}");
        }

        Entity.Pass.Freeze(arguments);
        Entity.SetPending(new Step(StepKind.Jump, container));
    }

    /// <summary>
    /// Says what the return passes, which is made when the code returns; without it an empty block is passed.
    /// </summary>
    /// <param name="arguments">Copied now.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/> if the container to return to is gone, <see cref="Status.ArgBlockTooLarge"/>.
    /// </exception>
    public void Return(ReadOnlySpan<byte> arguments)
    {
        ThrowIfEnding(nameof(Return));
        Status status = Entity.CheckReturn((ulong)arguments.Length);
        if (status != Status.Success)
        {
            throw new KernelException(status, $"{nameof(Return)}: {status}");
        }

        Entity.Pass.Freeze(arguments);
        Entity.SetPending(new Step(StepKind.Return));
    }

    private void ThrowIfEnding(string call)
    {
        Entity.PassBoundary();
        if (Entity.HasPending)
        {
            throw new KernelException(
                Status.NotAtBoundary, $"{call}: the code has asked to leave already; it must return first");
        }
    }
}
