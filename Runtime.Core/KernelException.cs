namespace Runtime.Core;

/// <summary>A kernel call was refused or failed; <see cref="Status"/> says how.</summary>
public class KernelException : Exception
{
    private const uint FacilityMask = 0xFFFF_0000;
    private const uint Win32Facility = 0x8007_0000;

    /// <summary>Creates the exception for a status.</summary>
    public KernelException(Status status, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        Status = status;
        ErrorNumber = innerException switch
        {
            KernelException cause => cause.ErrorNumber,
            IOException cause => NumberOf((uint)cause.HResult),
            _ => 0,
        };
    }

    /// <summary>What the system-call surface returns for the same failure.</summary>
    public Status Status { get; }

    /// <summary>
    /// The operating system's number of the error behind it, <c>errno</c> or that of Windows; 0 if there is none. By
    /// default that of the inner exception.
    /// </summary>
    public int ErrorNumber { get; init; }

    /// <summary>.NET passes the number itself on, on Windows in an envelope; others are its own.</summary>
    private static int NumberOf(uint result) =>
        (result & FacilityMask) == (OperatingSystem.IsWindows() ? Win32Facility : 0) ? (ushort)result : 0;
}
