using Runtime.Native;

namespace Runtime.Core;

/// <summary>What became of a fault that ended without its page.</summary>
/// <param name="Container">The container's name.</param>
/// <param name="Offset">The byte touched.</param>
/// <param name="Access">What was attempted.</param>
/// <param name="Status">Why the page did not come; <see cref="Status.Busy"/> for a rescue.</param>
/// <param name="IsRescued">
/// Whether the runtime was waiting to suspend the thread, so that the page could not come: the access may be repeated,
/// best through the view.
/// </param>
public sealed record FaultReport(string Container, ulong Offset, Access Access, Status Status, bool IsRescued)
{
    internal static FaultReport From(FailedFault fault) => new(
        fault.Window,
        (ulong)fault.Offset,
        (Access)fault.Access,
        fault.IsRescued ? Status.Busy : (Status)fault.Status,
        fault.IsRescued);
}
