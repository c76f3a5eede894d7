using Runtime.Core.Snapshots;

namespace Runtime.Core.Containers;

/// <summary>A large sparse region of memory that outlives the process.</summary>
/// <remarks>Thread safe. Dispose closes it; late accesses throw <see cref="ObjectDisposedException"/>.</remarks>
public sealed class Container : IDisposable, IAsyncDisposable
{
    /// <summary>The name, unique within the volume.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>The length in bytes.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>Whether this is an older version, which nobody may write.</summary>
    public bool IsReadOnly => throw new NotImplementedException();

    /// <summary>The interval that now executes, or the opened version of a read-only container.</summary>
    public StateInterval Interval => throw new NotImplementedException();

    /// <summary>The container's bytes.</summary>
    public ContainerView View => throw new NotImplementedException();

    /// <summary>How many faults it has taken and pages it holds.</summary>
    public ContainerStatistics Statistics => throw new NotImplementedException();

    /// <summary>Cuts the container at one instant for every thread and saves what was written since the last cut.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when write leases outlast the limit, <see cref="Status.Busy"/> when the
    /// calling thread holds one, <see cref="Status.PermissionDenied"/> on a read-only container; whatever the manager
    /// answered otherwise. Memory stays as it is.
    /// </exception>
    public Snapshot TakeSnapshot() => throw new NotImplementedException();

    /// <inheritdoc cref="TakeSnapshot"/>
    public Task<Snapshot> SnapshotAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
