using Runtime.Core.Capabilities;

namespace Runtime.Core.Loci;

/// <summary>The locus as a step sees it, and the ways on.</summary>
/// <remarks>
/// A way on is taken when the step returns it; of several that it asked for, the last. If it fails nothing has moved:
/// the same code is called again, and <see cref="Status"/> says why.
/// </remarks>
public sealed class StepContext : LocusContext
{
    internal StepContext(LocusEntity locus)
        : base(locus)
    {
    }

    /// <summary>Where the code goes on: 0 at its begin, then what the last step said.</summary>
    public ulong ResumePoint => Entity.Top.ResumePoint;

    /// <summary>What the last way on came to.</summary>
    public Status Status => Entity.LastStatus;

#pragma warning disable CA1822 // All ways on are asked of the locus, whatever they take from it.
    /// <summary>The next step of the same code.</summary>
    /// <param name="at">What <see cref="ResumePoint"/> will be.</param>
    public Step Continue(ulong at = 0) => new(StepKind.Continue, resumePoint: at);
#pragma warning restore CA1822

    /// <summary>Invokes a container; its return comes back here.</summary>
    /// <param name="container">A capability with the right to invoke.</param>
    /// <param name="arguments">Copied now.</param>
    /// <param name="at">Where this code goes on afterwards.</param>
    public Step Invoke(CapRef container, ReadOnlySpan<byte> arguments = default, ulong at = 0) =>
        new(StepKind.Invoke, container, at, Entity.Freeze(arguments));

    /// <summary>Invokes a container in place of this invocation, which nobody returns to.</summary>
    /// <param name="container">A capability with the right to invoke.</param>
    /// <param name="arguments">Copied now.</param>
    /// <param name="at">Where this code goes on if that fails.</param>
    public Step Jump(CapRef container, ReadOnlySpan<byte> arguments = default, ulong at = 0) =>
        new(StepKind.Jump, container, at, Entity.Freeze(arguments));

    /// <summary>
    /// Returns to the container that invoked; the last return ends the locus. If that container is gone, the same code
    /// is called again at the same point; after sixteen returns in vain the return is forced.
    /// </summary>
    /// <param name="arguments">Copied now.</param>
    public Step Return(ReadOnlySpan<byte> arguments = default) =>
        new(StepKind.Return, block: Entity.Freeze(arguments));

#pragma warning disable CA1822 // As above.
    /// <summary>Cuts a container between this step and the next.</summary>
    /// <param name="container">A capability with the right to snapshot; it may be for this very container.</param>
    /// <param name="at">Where this code goes on.</param>
    public Step Snapshot(CapRef container, ulong at = 0) => new(StepKind.Snapshot, container, at);
#pragma warning restore CA1822
}
