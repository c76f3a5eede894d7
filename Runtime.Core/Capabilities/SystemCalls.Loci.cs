using Runtime.Core.Loci;

namespace Runtime.Core.Capabilities;

/// <content>Loci.</content>
public sealed partial class SystemCalls
{
    /// <summary>
    /// Creates a locus in the container where the caller executes, with empty registers and an empty table.
    /// </summary>
    /// <param name="result">A slot for the capability, which has every right; what it held goes.</param>
    /// <param name="start">The name of registered code.</param>
    /// <param name="isSuspended">Whether it waits for <see cref="LocusResume"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/> if the result is no slot,
    /// <see cref="Status.NotRegistered"/>, <see cref="Status.NotSupported"/> for the host program, which has
    /// <see cref="Kernel.CreateLocus"/>.
    /// </returns>
    public Status LocusCreate(CapRef result, string start, bool isSuspended)
    {
        ArgumentNullException.ThrowIfNull(start);
        PassBoundary();
        if (_caller.TableOf(result) is null)
        {
            return Status.InvalidCapRef;
        }

        if (_caller.Host is not { } host)
        {
            return Status.NotSupported;
        }

        Status status = _kernel.StartLocus(host, start, out LocusEntity? created);
        if (status != Status.Success)
        {
            return status;
        }

        status = _kernel.Capabilities.Put(_caller, result, created!.Master);
        if (!isSuspended)
        {
            _kernel.Resume(created);
        }

        return status;
    }

    /// <summary>
    /// Lets a locus begin no further step; the one that it is in ends first. It is suspended whatever it was before;
    /// once is enough.
    /// </summary>
    /// <param name="locus">A capability with <see cref="KernelRights.Suspend"/>; it may be for the caller
    /// itself.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status LocusSuspend(CapRef locus)
    {
        Status status = FindLocus(locus, KernelRights.Suspend, out LocusEntity? target);
        target?.Control.Suspend();
        return status;
    }

    /// <summary>Lets a locus go on, however often it was suspended.</summary>
    /// <param name="locus">A capability with <see cref="KernelRights.Suspend"/>.</param>
    /// <returns>As <see cref="LocusSuspend"/>.</returns>
    public Status LocusResume(CapRef locus)
    {
        Status status = FindLocus(locus, KernelRights.Suspend, out LocusEntity? target);
        if (target is not null)
        {
            _kernel.Resume(target);
        }

        return status;
    }

    /// <summary>Ends a locus at its next boundary and deletes all capabilities for it.</summary>
    /// <param name="locus">A capability with <see cref="KernelRights.Destroy"/>; it may be for the caller
    /// itself.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status LocusDestroy(CapRef locus)
    {
        Status status = FindLocus(locus, KernelRights.Destroy, out LocusEntity? target);
        if (target is not null)
        {
            _kernel.Destroy(target);
        }

        return status;
    }
}
