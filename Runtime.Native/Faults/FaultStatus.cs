namespace Runtime.Native;

/// <summary>
/// The statuses that this layer itself gives a failed fault; the numbers are those of the kernel's Status.
/// </summary>
public static class FaultStatus
{
    /// <summary>The window was closed.</summary>
    public const int Closed = 7;

    /// <summary>The handler threw.</summary>
    public const int HandlerFailed = 19;

    /// <summary>The deadline passed.</summary>
    public const int DeadlineExceeded = 34;
}
