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

    internal ContainerFaultException(
        string host, string owner, ulong offset, Access access, Status status, Exception? innerException)
        : base(
            status,
            $"container '{owner}', mapped in '{host}'{(status == Status.ContainerGone ? ", was closed" : "")}: "
                + $"{access} at offset {offset} failed: {status}",
            innerException)
    {
        Container = owner;
        Offset = offset;
        Access = access;
    }

    /// <summary>
    /// Why the page did not come, in the words of the manager (<see cref="Managers.PageFault.Fail"/>, or what it
    /// threw), or what the system refused; null if there are none.
    /// </summary>
    public string? Reason => InnerException?.Message;

    /// <summary>The name of the container whose page it is: of the source, where one is mapped.</summary>
    public string Container { get; }

    /// <summary>The byte offset in the container.</summary>
    public ulong Offset { get; }

    /// <summary>What was attempted.</summary>
    public Access Access { get; }
}
