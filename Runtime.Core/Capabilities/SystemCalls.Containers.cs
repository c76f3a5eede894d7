using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Tracing;

namespace Runtime.Core.Capabilities;

/// <content>Containers.</content>
public sealed partial class SystemCalls
{
    /// <summary>The length of a container that is created without saying one: 1 GiB.</summary>
    public const long DefaultContainerLength = 1L << 30;

    /// <summary>
    /// Creates a container: without a manager, an invocation point or mappings, so touching its data fails with
    /// <see cref="Status.NoManager"/> and invoking it with <see cref="Status.NoInvocationPoint"/>.
    /// </summary>
    /// <param name="result">A slot for the capability, which has every right; what it held goes.</param>
    /// <param name="name">Unique within the volume; null for one of the kernel's choice.</param>
    /// <param name="length">Bytes, 0 to 1 TiB.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.InvalidCapRef"/> if the result is no slot,
    /// <see cref="Status.OutOfRange"/> for the length, <see cref="Status.AlreadySet"/> if there is a container of that
    /// name, or what kept the volume from noting it.
    /// </returns>
    public Status ContainerCreate(CapRef result, string? name = null, long length = DefaultContainerLength)
    {
        PassBoundary();
        if (_caller.TableOf(result) is null)
        {
            return Status.InvalidCapRef;
        }

        Status status = _kernel.CreateContainer(name, length, out ContainerEntity? created);
        return status == Status.Success
            ? _kernel.Capabilities.Put(_caller, result, created!.Master)
            : status;
    }

    /// <summary>
    /// Destroys a container with all its versions. Loci that execute in it are forced to return, and end if there is
    /// nowhere to return to; mappings of it become inaccessible; its manager is told; no capability for it is worth
    /// anything any more.
    /// </summary>
    /// <param name="container">A capability with <see cref="KernelRights.Destroy"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>; <see cref="Status.LeasesOutstanding"/> if leases outlast the limit,
    /// <see cref="Status.Busy"/> while a version of it is open; what kept the volume from forgetting it.
    /// </returns>
    public Status ContainerDestroy(CapRef container)
    {
        Status status = FindContainer(container, KernelRights.Destroy, out ContainerEntity? target);
        return status == Status.Success ? _kernel.Destroy(target!) : status;
    }

    /// <summary>Sets or replaces a container's invocation point.</summary>
    /// <param name="container">A capability with <see cref="KernelRights.SetInvoke"/>.</param>
    /// <param name="entry">The name of registered code.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.NotRegistered"/>.
    /// </returns>
    public Status ContainerSetInvoke(CapRef container, string entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Status status = FindContainer(container, KernelRights.SetInvoke, out ContainerEntity? target);
        return status == Status.Success ? _kernel.SetEntry(target!, entry) : status;
    }

    /// <summary>Reads a container's invocation point.</summary>
    /// <param name="container">A capability with any right.</param>
    /// <param name="entry">The name of its code, which may not be registered in this process.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/> for a capability without any right,
    /// <see cref="Status.NoInvocationPoint"/> if there is none.
    /// </returns>
    public Status ContainerGetInvoke(CapRef container, out string? entry)
    {
        entry = null;
        Status status = Find(container, EntityType.Container, KernelRights.None, out PermissionGroup? group);
        if (status != Status.Success)
        {
            return status;
        }

        if (group is { Rights: KernelRights.None, UserRights: 0 })
        {
            return Status.PermissionDenied;
        }

        entry = ((ContainerEntity)group!.Entity).EntryName;
        return entry is null ? Status.NoInvocationPoint : Status.Success;
    }

    /// <summary>Removes a container's invocation point: until another is set, invocations fail.</summary>
    /// <param name="container">A capability with <see cref="KernelRights.SetInvoke"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.NoInvocationPoint"/> if there is none.
    /// </returns>
    public Status ContainerRemoveInvoke(CapRef container)
    {
        Status status = FindContainer(container, KernelRights.SetInvoke, out ContainerEntity? target);
        return status == Status.Success ? Kernel.RemoveEntry(target!) : status;
    }

    /// <summary>
    /// Cuts a container: when the call returns, its snapshot exists in memory at least. It becomes stable by itself.
    /// </summary>
    /// <param name="container">A capability with <see cref="KernelRights.Snapshot"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.NoManager"/>, <see cref="Status.NotSupported"/> for a
    /// volatile container, <see cref="Status.NotAtBoundary"/> if the caller executes in it (return
    /// <see cref="StepContext.Snapshot"/> instead), <see cref="Status.LeasesOutstanding"/>,
    /// <see cref="Status.Busy"/>; what its manager answered.
    /// </returns>
    public Status SnapshotRequest(CapRef container)
    {
        Status status = FindContainer(container, KernelRights.Snapshot, out ContainerEntity? target);
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.SnapshotRequest, target, ref outcome);
        return outcome.Status = status != Status.Success ? status
            : target!.Record.IsUnmanaged ? Status.NoManager
            : _kernel.Snapshot(target);
    }

    /// <summary>A call of the kernel–manager interface, which a trace is to see.</summary>
    private TraceScope Trace(string name, ContainerEntity? container, ref TraceOutcome outcome) =>
        _kernel.Options.Trace is not { } trace ? default : new TraceScope(
            trace,
            new TracedCall
            {
                Direction = CallDirection.CallerToKernel,
                Name = name,
                Container = container?.Record.Name,
                Manager = container?.Record.Manager,
            },
            ref outcome);
}
