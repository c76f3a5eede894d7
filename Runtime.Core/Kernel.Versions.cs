using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core;

/// <content>The kept versions of containers.</content>
public sealed partial class Kernel
{
    /// <summary>
    /// Opens a kept version as a read-only container of its own, beside the open container if need be.
    /// </summary>
    /// <remarks>
    /// It need not be saved yet. If that fails, pages that were not read before fail with
    /// <see cref="Status.NoSuchInterval"/>.
    /// </remarks>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if it is not kept, <see cref="Status.ContainerGone"/> if there is no such
    /// container.
    /// </exception>
    public Container OpenVersion(string name, StateInterval interval)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Container version = OpenUnsynchronized(Find(name), interval, maximumLength: 0);
            _versions.Add(version);
            return version;
        }
    }

    /// <summary>The kept versions of a container, oldest first.</summary>
    /// <exception cref="KernelException"><see cref="Status.ContainerGone"/> if there is no such container.</exception>
    public IReadOnlyList<SnapshotInfo> History(string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ContainerRecord record = Find(name);
            return History(ManagerOfUnsynchronized(record), record);
        }
    }

    /// <summary>
    /// Makes the content of an older version the beginning of a new interval. Newer versions stay in the history; what
    /// was written since the last cut becomes one of them first.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if it is not kept, <see cref="Status.LeasesOutstanding"/> when leases
    /// outlast the limit, <see cref="Status.ContainerGone"/> if there is no such container. Nothing has changed then.
    /// </exception>
    public void RestoreContainer(string name, StateInterval version)
    {
        Container? container;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            container = _open.GetValueOrDefault(Find(name).Id);
        }

        if (container is not null)
        {
            container.Restore(version);
            return;
        }

        // What was shorter or longer then must fit, and nobody said how long the container may become.
        long length = History(name).FirstOrDefault(kept => kept.Interval == version)?.Length ?? 0;
        using Container opened = OpenContainer(name, maximumLength: length);
        opened.Restore(version);
    }

    /// <summary>Makes a new container that begins with a version of another; they share what neither changes.</summary>
    /// <param name="source">The container to begin with, open or not.</param>
    /// <param name="name">The new one's name.</param>
    /// <param name="version">
    /// A kept version; null for the one that the source was last saved or restored to.
    /// </param>
    /// <exception cref="KernelException">
    /// <see cref="Status.AlreadySet"/> if there is a container of that name, <see cref="Status.NoSuchInterval"/>,
    /// <see cref="Status.ContainerGone"/>.
    /// </exception>
    public void CloneContainer(string source, string name, StateInterval? version = null)
    {
        (Manager manager, ContainerRecord record) = ManagerOf(source);
        WaitForSaves(record);
        ManagerCall.Make(source, nameof(CloneContainer), () => manager.CloneContainer(record, version, name));
    }

    /// <summary>Drops kept versions, durably and all together; others keep what they share with them.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/>, <see cref="Status.IntervalPinned"/> for the version that the container now
    /// begins with, <see cref="Status.Busy"/> for one that is open. None is dropped then.
    /// </exception>
    public void DiscardVersions(string name, IReadOnlyCollection<StateInterval> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        (Manager manager, ContainerRecord record) = ManagerOf(name);
        WaitForSaves(record);                                       // what is being saved cannot be dropped yet
        if (versions.Count > 0)
        {
            Discard(manager, record, versions);
        }
    }

    private static IReadOnlyList<SnapshotInfo> History(Manager manager, ContainerRecord record) =>
        ManagerCall.Make(record.Name, nameof(History), () => manager.History(record));

    private static void Discard(
        Manager manager, ContainerRecord record, IReadOnlyCollection<StateInterval> versions) => ManagerCall.Make(
            record.Name, nameof(DiscardVersions), () => manager.DiscardVersions(record, versions));

    private void WaitForSaves(ContainerRecord record)
    {
        Container? open;
        lock (_lock)
        {
            open = _open.GetValueOrDefault(record.Id);
        }

        open?.WaitForSaves();
    }

    private (Manager Manager, ContainerRecord Record) ManagerOf(string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ContainerRecord record = Find(name);
            return (ManagerOfUnsynchronized(record), record);
        }
    }
}
