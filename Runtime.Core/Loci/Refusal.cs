namespace Runtime.Core.Loci;

/// <summary>What a call of the object surface throws, as the status of a system call.</summary>
internal static class Refusal
{
    internal static Status Of(Action call)
    {
        try
        {
            call();
            return Status.Success;
        }
        catch (Exception failure) when (StatusOf(failure) is { } status)
        {
            return status;
        }
    }

    /// <returns>Null for what nobody expects.</returns>
    internal static Status? StatusOf(Exception failure) => failure switch
    {
        KernelException known => known.Status,
        ObjectDisposedException => Status.ContainerGone,
        ArgumentOutOfRangeException => Status.OutOfRange,
        _ => null,
    };
}
