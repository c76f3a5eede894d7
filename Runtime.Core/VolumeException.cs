namespace Runtime.Core;

/// <summary>
/// A volume or disk could not do what it was asked; the message names the call, the thing and the number.
/// </summary>
public sealed class VolumeException : KernelException
{
    /// <summary>
    /// Creates the exception for a status, usually <see cref="Status.IoError"/> or <see cref="Status.NoResources"/>.
    /// </summary>
    public VolumeException(Status status, string message, Exception? innerException = null)
        : base(status, message, innerException)
    {
    }
}
