using Runtime.Core.Faults;
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
    /// <summary>Why, in the words of the manager; null if it gave none, or that was too long ago.</summary>
    public string? Reason { get; init; }

    /// <summary>The operating system's number of the error behind it; 0 if there is none.</summary>
    public int ErrorNumber { get; init; }

    internal static FaultReport From(FailedFault fault)
    {
        var access = (Access)fault.Access;
        Status status = fault.IsRescued ? Status.Busy : (Status)fault.Status;
        (string? reason, int number) = FailureNotes.Find(fault.Window, fault.Offset, access, status);
        return new FaultReport(fault.Window, (ulong)fault.Offset, access, status, fault.IsRescued)
        {
            Reason = reason,
            ErrorNumber = number,
        };
    }
}
