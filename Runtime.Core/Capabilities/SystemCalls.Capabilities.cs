namespace Runtime.Core.Capabilities;

/// <content>Capabilities and permission groups.</content>
public sealed partial class SystemCalls
{
    /// <summary>Has a second slot name the same permission group.</summary>
    /// <param name="source">Any capability.</param>
    /// <param name="destination">A slot; what it held goes.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.InvalidCapRef"/> if the source names nothing or the destination
    /// is no slot.
    /// </returns>
    public Status CapCopy(CapRef source, CapRef destination)
    {
        PassBoundary();
        return _kernel.Capabilities.Copy(_caller, source, destination);
    }

    /// <summary>Makes a capability bound to a new permission group below the source's.</summary>
    /// <param name="source">A capability with <see cref="KernelRights.Derive"/>.</param>
    /// <param name="destination">A slot; what it held goes.</param>
    /// <param name="kernelRights">The new group has those of these that the source's has.</param>
    /// <param name="userRights">Likewise.</param>
    /// <returns>
    /// <see cref="Status.Success"/>; <see cref="Status.InvalidCapRef"/> if the source names nothing or the destination
    /// is no slot, <see cref="Status.PermissionDenied"/>; what kept the log from reserving a number for the group.
    /// </returns>
    public Status CapDerive(CapRef source, CapRef destination, KernelRights kernelRights, uint userRights)
    {
        PassBoundary();
        return _kernel.Capabilities.Derive(_caller, source, destination, kernelRights, userRights);
    }

    /// <summary>
    /// Deletes the group that a capability names, with all groups below it: every capability bound to one of them is
    /// worth nothing from now on, wherever it is.
    /// </summary>
    /// <param name="capability">A capability with <see cref="KernelRights.Destroy"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.PermissionDenied"/>.
    /// </returns>
    public Status GroupDestroy(CapRef capability)
    {
        PassBoundary();
        return _kernel.Capabilities.DestroyGroup(_caller, capability);
    }
}
