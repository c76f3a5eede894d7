using Runtime.Core.Containers;
using Runtime.Core.Memory;

namespace Runtime.Core.Faults;

/// <summary>Turns the status of a failed fault into what the caller of an accessor or a lease catches.</summary>
internal static class FaultFailure
{
    /// <param name="host">The container that was accessed.</param>
    /// <param name="owner">The one whose page it is: another, if that is mapped there.</param>
    /// <param name="offset">The byte, from the owner's first.</param>
    /// <param name="access">What was attempted.</param>
    /// <param name="status">Why it failed.</param>
    internal static Exception ToException(
        ContainerMemory host, ContainerMemory owner, ulong offset, Access access, Status status)
    {
        if (status == Status.ContainerGone && (owner == host || host.IsClosed || !owner.IsClosed))
        {
            return new ObjectDisposedException(nameof(Container), $"container '{host.Name}' was closed");
        }

        return owner == host
            ? new ContainerFaultException(host.Name, offset, access, status, FaultRouter.TakeFailure())
            : new ContainerFaultException(host.Name, owner.Name, offset, access, status, FaultRouter.TakeFailure());
    }
}
