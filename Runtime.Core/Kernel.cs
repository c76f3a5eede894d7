using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core;

/// <summary>A single-level store inside this process.</summary>
/// <remarks>Thread safe. Any number of kernels may live in one process.</remarks>
public sealed class Kernel : IDisposable, IAsyncDisposable
{
    /// <summary>Boots a kernel and opens its home volume.</summary>
    public static Kernel Boot(KernelOptions options) => throw new NotImplementedException();

    /// <inheritdoc cref="Boot"/>
    public static Task<Kernel> BootAsync(KernelOptions options, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>What the volume holds, by name.</summary>
    public IReadOnlyList<ContainerRecord> Containers => throw new NotImplementedException();

    /// <summary>Opens a container, creating it when <paramref name="length"/> is given and the name is new.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8 without control characters.</param>
    /// <param name="length">Bytes, up to 1 TiB. For an existing container it must be omitted or equal.</param>
    /// <param name="manager">For a new container: the registered manager, by default the options' default manager.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/> if there is no such container and no length, <see cref="Status.NotRegistered"/>
    /// if its manager's name is unknown, <see cref="Status.Busy"/> if it is open, <see cref="Status.OutOfRange"/> if the
    /// length differs, <see cref="Status.NoResources"/> if address space is used up.
    /// </exception>
    public Container OpenContainer(string name, long? length = null, string? manager = null) =>
        throw new NotImplementedException();

    /// <inheritdoc cref="OpenContainer"/>
    public Task<Container> OpenContainerAsync(
        string name, long? length = null, string? manager = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Opens a kept version as a read-only container of its own; beside the open container if need be.</summary>
    /// <exception cref="KernelException"><see cref="Status.NoSuchInterval"/> if it is not kept.</exception>
    public Container OpenVersion(string name, StateInterval interval) => throw new NotImplementedException();

    /// <summary>The kept versions of a container, oldest first.</summary>
    public IReadOnlyList<SnapshotInfo> History(string name) => throw new NotImplementedException();

    /// <summary>Removes a container with all its versions, durably.</summary>
    /// <exception cref="KernelException"><see cref="Status.Busy"/> while it is open.</exception>
    public void DeleteContainer(string name) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
