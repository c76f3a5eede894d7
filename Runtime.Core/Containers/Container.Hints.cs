namespace Runtime.Core.Containers;

/// <content>What the program says about how it uses the container.</content>
public sealed partial class Container
{
    /// <summary>
    /// How long a touch or a lease waits for a page before it fails with <see cref="Status.DeadlineExceeded"/>; at
    /// first <see cref="KernelOptions.FaultDeadline"/>. For faults that begin from now on.
    /// </summary>
    /// <remarks>
    /// A page that comes later comes all the same, and is there for who touches it next. A thread that itself is in the
    /// manager's upcall cannot leave it; if the page then came, its access succeeds, however late. Managers see the
    /// time that is left (<see cref="Managers.PageFault.TimeLeft"/>). Threads with raw pointers are bound by the
    /// kernel's deadline, too.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Below a millisecond, or above a day.</exception>
    public TimeSpan FaultDeadline
    {
        get => TimeSpan.FromMilliseconds(_memory.FaultDeadlineMs);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1));
            _memory.FaultDeadlineMs = (int)value.TotalMilliseconds;
        }
    }
}
