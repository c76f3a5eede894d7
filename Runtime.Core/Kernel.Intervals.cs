using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core;

/// <content>What a recovery would find, and going back to it.</content>
public sealed partial class Kernel
{
    /// <summary>What there is of a closed interval of an open container (<c>state_interval_query</c>).</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/> if the container is not open; whatever its manager answered.
    /// </exception>
    public SnapshotState QueryStateInterval(string container, StateInterval interval)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _open.TryGetValue(Find(container).Id, out Container? open)
                ? open.Memory.StateOf(interval)
                : throw new KernelException(Status.ContainerGone, $"container '{container}' is not open");
        }
    }

    /// <summary>
    /// Fails a container back to its newest stable snapshot, as a recovery would: what was written since goes, and so
    /// do newer snapshots.
    /// </summary>
    /// <remarks>
    /// Unlike <see cref="RestoreContainer"/>, which keeps everything. Capabilities and the invocation point stay as
    /// they are.
    /// </remarks>
    /// <returns>The interval whose end the container is back at.</returns>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if it has no stable snapshot, <see cref="Status.Busy"/> while a newer
    /// version is open, the caller holds a lease or loci execute in it, <see cref="Status.LeasesOutstanding"/>,
    /// <see cref="Status.Overlap"/> if others are mapped beyond its end,
    /// <see cref="Status.NotSupported"/> for a volatile one, or if its manager has no way back,
    /// <see cref="Status.ManagerFailed"/> if the manager did not obey: then it is quarantined. Otherwise nothing has
    /// changed.
    /// </exception>
    public StateInterval Rollback(string container)
    {
        ContainerEntity entity = EntityOf(container);
        return Activate(entity).Rollback();
    }

    /// <inheritdoc cref="Rollback"/>
    public Task<StateInterval> RollbackAsync(string container, CancellationToken cancellationToken = default) =>
        Task.Run(() => Rollback(container), cancellationToken);

    /// <exception cref="KernelException">Somebody reads a newer version.</exception>
    internal void ThrowIfOpenAfter(ContainerRecord record, StateInterval line)
    {
        lock (_lock)
        {
            if (_versions.FirstOrDefault(
                version => version.Record.Id == record.Id && version.Interval > line) is { } newer)
            {
                throw new KernelException(
                    Status.Busy, $"container '{record.Name}': its version {newer.Interval} is open; close it first");
            }
        }
    }
}
