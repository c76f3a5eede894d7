namespace Runtime.Core;

/// <summary>A kernel call was refused or failed; <see cref="Status"/> says how.</summary>
public class KernelException : Exception
{
    /// <summary>Creates the exception for a status.</summary>
    public KernelException(Status status, string message, Exception? innerException = null)
        : base(message, innerException) => Status = status;

    /// <summary>What the system-call surface returns for the same failure.</summary>
    public Status Status { get; }
}
