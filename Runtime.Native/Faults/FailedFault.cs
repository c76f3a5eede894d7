namespace Runtime.Native;

/// <summary>A fault that ended without its page.</summary>
/// <param name="Window">The name of the window.</param>
/// <param name="Offset">The byte touched, from the window's first.</param>
/// <param name="Access">What was attempted.</param>
/// <param name="Way">Who attempted it.</param>
/// <param name="Status">The handler's answer; 0 if there was none.</param>
/// <param name="IsRescued">
/// Whether the runtime was waiting to suspend the faulting thread, so that the fault could not be served in its place:
/// trying again, through an accessor for preference, may succeed.
/// </param>
public sealed record FailedFault(
    string Window, long Offset, FaultAccess Access, FaultWay Way, int Status, bool IsRescued);
