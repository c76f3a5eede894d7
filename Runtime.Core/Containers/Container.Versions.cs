using Runtime.Core.Managers;
using Runtime.Core.Snapshots;

namespace Runtime.Core.Containers;

/// <content>Going back: by choice, which keeps everything, and as a recovery does.</content>
public sealed partial class Container
{
    /// <summary>
    /// Why the kernel asks the container's manager nothing any more; null while it does. Pages in memory can be read
    /// and written, others and snapshots are refused with <see cref="Status.ManagerFailed"/>.
    /// </summary>
    public KernelException? Quarantine => _memory.Quarantine;

    /// <summary>
    /// Makes the content of an older version the beginning of a new interval. Newer versions stay in the history; what
    /// was written since the last cut becomes one of them first.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if it is not kept, <see cref="Status.LeasesOutstanding"/> when leases
    /// outlast the limit, <see cref="Status.PermissionDenied"/> on a read-only container,
    /// <see cref="Status.NoResources"/> if the version is longer than <see cref="MaximumLength"/>,
    /// <see cref="Status.Overlap"/> if others are mapped beyond its end, <see cref="Status.Busy"/> while a manager that
    /// was given up may still be looking at pages. Nothing has changed then.
    /// </exception>
    public void Restore(StateInterval version)
    {
        HoldLoci();
        try
        {
            RestoreWithoutLoci(version);
        }
        finally
        {
            ReleaseLoci();
        }
    }

    /// <inheritdoc cref="Restore"/>
    public Task RestoreAsync(StateInterval version, CancellationToken cancellationToken = default) =>
        Task.Run(() => Restore(version), cancellationToken);

    /// <summary>
    /// Fails the container back to its newest stable snapshot: memory, the open interval and all that is newer go.
    /// </summary>
    /// <returns>The interval whose end it is back at.</returns>
    internal StateInterval Rollback()
    {
        HoldLoci();
        try
        {
            lock (_lock)
            {
                ThrowUnlessWritableUnsynchronized();
                ThrowIfVolatileUnsynchronized();
                if (!_memory.Manager.SupportsRollback || _memory.HasRoot)
                {
                    throw new KernelException(
                        Status.NotSupported, $"container '{Name}': its manager cannot go back, and keeps what it has");
                }

                if (_kernel.LociIn(Entity!).Any())
                {
                    throw new KernelException(
                        Status.Busy, $"container '{Name}' hosts loci, which cannot be taken back with it");
                }

                WaitForSaves();                                     // what they save is older than what follows
                SnapshotInfo line = FindLineUnsynchronized();
                WithoutLeasesUnsynchronized(() => BehindGate(() => RollbackUnsynchronized(line)));
                return line.Interval;
            }
        }
        finally
        {
            ReleaseLoci();
        }
    }

    private void RestoreWithoutLoci(StateInterval version)
    {
        lock (_lock)
        {
            ThrowUnlessWritableUnsynchronized();
            ThrowUnlessFits(version);
            WithoutLeasesUnsynchronized(() => _kernel.Cut(BeginCutUnsynchronized(), snapshot =>
            {
                snapshot?.WaitForDurableByOthers();
                WaitForSaves();
                ThrowIfSaveFailedUnsynchronized();
                RestoreUnsynchronized(version);
            }));
        }
    }

    private void ThrowUnlessFits(StateInterval version)
    {
        IReadOnlyList<SnapshotInfo> history = ManagerCall.Make(
            Name, nameof(Kernel.History), () => _memory.Manager.History(Record));
        SnapshotInfo info = history.FirstOrDefault(info => info.Interval == version)
            ?? throw new KernelException(
                Status.NoSuchInterval, $"container '{Name}' has no version {version} to go back to");
        if (info.Length > MaximumLength)
        {
            throw new KernelException(
                Status.NoResources,
                $"container '{Name}' cannot go back to version {version}, which has {info.Length} bytes: it was opened "
                    + $"with a maximum of {MaximumLength}; open it again with a larger one");
        }

        ThrowIfMappedBeyond(info.Length);
    }

    private void RestoreUnsynchronized(StateInterval version)
    {
        _memory.Restore(() => ManagerCall.Make(
            Name,
            nameof(Kernel.RestoreContainer),
            () => _memory.Manager.RestoreContainer(_memory.Token, version)));
        _memory.MoveLine(version);
        SetLengthOfViewsUnsynchronized();
    }

    /// <summary>
    /// Writers are held, and what was written has been cut: if there is something again, a save failed.
    /// </summary>
    private void ThrowIfSaveFailedUnsynchronized()
    {
        if (_memory.HasChanged)
        {
            KernelException? reason = _memory.SaveFailure;
            throw new KernelException(
                reason?.Status ?? Status.ManagerFailed,
                $"container '{Name}': its newest snapshot could not be saved; nothing has changed, and the next one "
                    + $"saves its pages: {reason?.Message}",
                reason);
        }
    }

    private SnapshotInfo FindLineUnsynchronized()
    {
        _memory.ThrowIfQuarantined();
        StateInterval line = _memory.Line;
        SnapshotInfo info = ManagerCall.Make(Name, nameof(Kernel.History), () => _memory.Manager.History(Record))
            .FirstOrDefault(version => version.Interval == line)
            ?? throw new KernelException(
                Status.NoSuchInterval, $"container '{Name}' has no stable snapshot to go back to");
        _kernel.ThrowIfOpenAfter(Record, line);
        ThrowIfMappedBeyond(info.Length);
        return info;
    }

    private void RollbackUnsynchronized(SnapshotInfo line)
    {
        _memory.NoteIssued(_interval);
        _interval = _interval.Next;                                 // what the open one was is never to be again
        _memory.Restore(() =>
        {
            Tell(line.Interval);
            return line.Length;
        });
        _memory.NoteRolledBack();
        SetLengthOfViewsUnsynchronized();
    }

    private void Tell(StateInterval interval)
    {
        try
        {
            Status status = ManagerCall.Make(
                Name, nameof(Manager.ContRollback), () => _memory.Manager.ContRollback(_memory.Token, interval));
            ManagerCall.ThrowUnlessObeyed(Name, nameof(Manager.ContRollback), status);
        }
        catch (KernelException failure)
        {
            _memory.SetQuarantine(failure);
            throw;
        }
    }
}
