using Runtime.Core.Capabilities;
using Runtime.Core.Loci;
using Runtime.Core.Managers;

namespace Runtime.Core.Containers;

/// <content>Loci that execute in it, and what they find there.</content>
public sealed partial class Container
{
    /// <summary>The name of the code at its invocation point; null if there is none.</summary>
    public string? InvocationPoint => Entity?.EntryName;

    /// <summary>What the kernel knows of it whether it is open or not; null for an older version.</summary>
    internal ContainerEntity? Entity { get; }

    /// <summary>Whether it was opened for the loci in it, and is nobody's yet.</summary>
    internal bool IsActivated { get; set; }

    /// <summary>Makes a capability with every right for this container.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoResources"/> if the host table is full, <see cref="Status.PermissionDenied"/> for an older
    /// version.
    /// </exception>
    public Capability GetCapability() => _kernel.GetCapability(EntityOrThrow().Record.Name);

    /// <summary>Sets or replaces the code at which invocations begin.</summary>
    /// <param name="entry">Registered in <see cref="KernelOptions.Entries"/>.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.NotRegistered"/>, <see cref="Status.PermissionDenied"/> for an older version.
    /// </exception>
    public void SetInvocationPoint(string entry)
    {
        ArgumentException.ThrowIfNullOrEmpty(entry);
        if (_kernel.SetEntry(EntityOrThrow(), entry) != Status.Success)
        {
            throw new KernelException(
                Status.NotRegistered, $"container '{Name}': the code '{entry}' is not registered in the options");
        }
    }

    /// <summary>Removes the invocation point: until another is set, invocations fail.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoInvocationPoint"/>, <see cref="Status.PermissionDenied"/> for an older version.
    /// </exception>
    public void RemoveInvocationPoint()
    {
        if (Kernel.RemoveEntry(EntityOrThrow()) != Status.Success)
        {
            throw new KernelException(Status.NoInvocationPoint, $"container '{Name}' has no invocation point");
        }
    }

    /// <summary>Gives the container a capability, which every locus that executes in it may use.</summary>
    /// <param name="slot">Of its table, less than <see cref="CapRef.TableSize"/>; what was there goes.</param>
    /// <param name="capability">A capability of the host program.</param>
    /// <returns>By this loci in the container name it.</returns>
    /// <exception cref="KernelException">
    /// <see cref="Status.InvalidCapRef"/> if it is worth nothing any more, <see cref="Status.PermissionDenied"/> for
    /// an older version.
    /// </exception>
    public CapRef Grant(uint slot, Capability capability)
    {
        ArgumentNullException.ThrowIfNull(capability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, CapRef.TableSize);
        capability.CopyTo(_kernel, new InContainer(_kernel, EntityOrThrow()), CapRef.Container(slot));
        return CapRef.Container(slot);
    }

    /// <summary>Destroyed: what was written goes with it, and its manager is told.</summary>
    internal void Destroy()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            WaitForSaves();                                         // they need the memory and the manager
            _isDisposed = true;
            try
            {
                ManagerCall.Make(
                    Name,
                    nameof(Manager.ContainerDestroyed),
                    () => _memory.Manager.ContainerDestroyed(_memory.Token));
            }
            catch (KernelException failure)
            {
                _kernel.NoteManagerFailure(Name, failure);
            }

            _memory.Dispose();
            _kernel.Forget(this, _memory);
        }
    }

    /// <summary>Lets no lease begin any more.</summary>
    /// <returns>False if leases outlast the limit; all is as before then.</returns>
    internal bool TryEndLeasesForGood() => _memory.TryEndLeases(_kernel.Options.LeaseLimit);

    /// <summary>Lets loci pause between two steps.</summary>
    private void HoldLoci()
    {
        if (Entity is not { } entity)
        {
            return;
        }

        if (LocusEntity.Current is { } current && current.IsInside(entity))
        {
            throw new KernelException(
                Status.NotAtBoundary,
                $"container '{Name}': the calling locus executes in it; return a snapshot step instead");
        }

        long until = Environment.TickCount64 + (long)_kernel.Options.LeaseLimit.TotalMilliseconds;
        do
        {
            if (!entity.Turns.TryHold(until))
            {
                break;
            }

            // Code in direct style cannot be kept: it must leave first.
            if (!_kernel.LociIn(entity).Any(locus => locus.IsDirect))
            {
                return;
            }

            entity.Turns.Release();
            Thread.Sleep(1);
        }
        while (Environment.TickCount64 < until);

        throw new KernelException(
            Status.Busy,
            $"container '{Name}': a locus was still inside a step, or in direct style, after "
                + $"{_kernel.Options.LeaseLimit.TotalMilliseconds:F0} ms");
    }

    private void ReleaseLoci() => Entity?.Turns.Release();

    private ContainerEntity EntityOrThrow() => Entity ?? throw new KernelException(
        Status.PermissionDenied, $"container '{Name}' was opened read-only, at an older version");

    /// <summary>The host program reaches into a container's table.</summary>
    private sealed class InContainer(Kernel kernel, ContainerEntity host) : Caller
    {
        internal override CapabilityTable Table => kernel.Capabilities.HostTable;

        internal override ContainerEntity? Host => host;
    }
}
