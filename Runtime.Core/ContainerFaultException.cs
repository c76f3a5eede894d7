namespace Runtime.Core;

/// <summary>A page of a container was touched and could not be supplied.</summary>
public sealed class ContainerFaultException : KernelException
{
    /// <summary>Creates the exception for one failed access.</summary>
    public ContainerFaultException(
        string container, ulong offset, Access access, Status status, Exception? innerException = null)
        : base(status, $"container '{container}': {access} at offset {offset} failed: {status}", innerException)
    {
        Container = container;
        Offset = offset;
        Access = access;
    }

    /// <summary>The name of the container whose page it is.</summary>
    public string Container { get; }

    /// <summary>The byte offset in the container.</summary>
    public ulong Offset { get; }

    /// <summary>What was attempted.</summary>
    public Access Access { get; }
}
