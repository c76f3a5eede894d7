using Runtime.Core.Containers;
using Runtime.Core.Memory;

namespace Runtime.Core.Faults;

/// <summary>Turns the status of a failed fault into what the caller of an accessor or a lease catches.</summary>
internal static class FaultFailure
{
    internal static Exception ToException(ContainerMemory memory, ulong offset, Access access, Status status) =>
        status == Status.ContainerGone
            ? new ObjectDisposedException(nameof(Container), $"container '{memory.Name}' was closed")
            : new ContainerFaultException(memory.Name, offset, access, status, FaultRouter.TakeFailure());
}
