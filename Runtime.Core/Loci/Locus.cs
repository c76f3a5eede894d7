using Runtime.Core.Capabilities;

namespace Runtime.Core.Loci;

/// <summary>Execution that moves from container to container, as the host program sees it.</summary>
/// <remarks>
/// Thread safe. Disposing this object does not exist: a locus lives until its last return, or until it is destroyed.
/// </remarks>
public sealed class Locus
{
    internal Locus(LocusEntity entity) => Entity = entity;

    /// <summary>Its number; unique in its kernel.</summary>
    public ulong Id => Entity.Id;

    /// <summary>Whether it executes.</summary>
    public LocusState State => Entity.Control.State;

    /// <summary>The container where it executes; null once it has ended.</summary>
    public string? Host => Entity.Host?.Record.Name;

    /// <summary>Records on its invocation stack.</summary>
    public int Depth => Entity.Depth;

    /// <summary>
    /// Ends with the block that its last return passed. Fails with <see cref="KernelException"/>:
    /// <see cref="Status.EntryFailed"/> if its code threw, <see cref="Status.ContainerGone"/> if it was destroyed, or
    /// all containers on its stack were.
    /// </summary>
    public Task<byte[]> Completion => Entity.Completion;

    /// <summary>Gives the locus a capability.</summary>
    /// <param name="slot">Of its own table, less than <see cref="CapRef.TableSize"/>; what was there goes.</param>
    /// <param name="capability">A capability of the host program.</param>
    /// <returns>By this the locus names it.</returns>
    /// <exception cref="KernelException">
    /// <see cref="Status.InvalidCapRef"/> if the capability is worth nothing any more.
    /// </exception>
    public CapRef Grant(uint slot, Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, CapRef.TableSize);
        capability.CopyTo(Entity.Kernel, Entity.Caller, CapRef.Locus(slot));
        return CapRef.Locus(slot);
    }

    /// <summary>Lets it begin no further step; the one that it is in ends first. Once is enough.</summary>
    public void Suspend() => Entity.Control.Suspend();

    /// <summary>Lets it go on. Once is enough, however often it was suspended.</summary>
    public void Resume() => Entity.Kernel.Resume(Entity);

    /// <summary>Ends it at its next boundary, and deletes all capabilities for it.</summary>
    public void Destroy() => Entity.Kernel.Destroy(Entity);

    internal LocusEntity Entity { get; }
}
