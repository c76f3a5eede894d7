using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Stores.Volumes;

/// <content>The versions that there are.</content>
public sealed partial class Volume
{
    /// <summary>The kept versions of a container, oldest first.</summary>
    public IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        using BlockStore.ReadPin pin = _store.Pin();
        return [.. VersionTable.All(_store.Reader, Entry(container)).Where(v => !v.IsHidden).Select(v => v.Info)];
    }

    /// <summary>The highest interval that was issued for a container, drafts included; 0 for none.</summary>
    public StateInterval HighestInterval(ContainerRecord container)
    {
        ContainerEntry entry = Entry(container);
        return new StateInterval(Math.Max(entry.HighestInterval, _open.HighestInterval(entry.Id)));
    }

    /// <summary>
    /// Opens a version for reading its pages; by default the head, or a map of zeroes if there is none. Dispose it.
    /// </summary>
    /// <exception cref="KernelException"><see cref="Status.NoSuchInterval"/> if it is not kept.</exception>
    public VersionMap OpenMap(ContainerRecord container, StateInterval? version = null)
    {
        using BlockStore.ReadPin pin = _store.Pin();
        ContainerEntry entry = Entry(container);
        return version is { } interval
            ? OpenMap(entry, Kept(entry, interval).Id.Interval, isCounted: true)
            : OpenMap(entry, entry.Head, isCounted: true);
    }

    /// <summary>Discards versions; what they alone have becomes free. Possible on a full disk.</summary>
    /// <exception cref="KernelException">
    /// Nothing has changed: <see cref="Status.NoSuchInterval"/> if one is not kept, <see cref="Status.IntervalPinned"/>
    /// if one is the head, <see cref="Status.Busy"/> if one is open for reading.
    /// </exception>
    public void Discard(ContainerRecord container, IReadOnlyCollection<StateInterval> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        using Transaction transaction = Begin(mayUseReserve: true);
        ContainerEntry entry = Entry(container);
        List<VersionRecord> discarded = [.. versions.Distinct().Select(interval => Kept(entry, interval))];
        if (discarded.Exists(version => version.Id.Interval == entry.Head))
        {
            throw new KernelException(
                Status.IntervalPinned, $"container '{entry.Name}' begins with version {entry.Head}");
        }

        Discarding(entry, discarded, () =>
        {
            new VersionPruning(_store.Reader, transaction).Discard(discarded);
            Commit(transaction);
            return true;
        });
    }

    /// <summary>
    /// Makes a version the container's head, durably: the next draft is based on it, and begins a new line. Newer
    /// versions stay in the history. Possible on a full disk.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if it is not kept, <see cref="Status.Busy"/> while there is a draft.
    /// </exception>
    public ContainerRecord Restore(ContainerRecord container, StateInterval version)
    {
        using Transaction transaction = Begin(mayUseReserve: true);
        ContainerEntry entry = Entry(container);
        VersionRecord head = Kept(entry, version);
        if (_open.HasDrafts(entry.Id))
        {
            throw new KernelException(Status.Busy, $"an interval of '{entry.Name}' is in the making");
        }

        ContainerEntry restored = entry with { Head = head.Id.Interval, Length = head.Length };
        transaction.Put(restored);
        Commit(transaction);
        return restored.Record;
    }

    /// <summary>The version that the next draft is based on; 0 for none.</summary>
    public StateInterval HeadOf(ContainerRecord container) => new(Entry(container).Head);

    /// <summary>
    /// Makes a version the container's head and drops every newer one, durably and in one step. Their numbers are not
    /// issued again. Possible on a full disk.
    /// </summary>
    /// <exception cref="KernelException">
    /// Nothing has changed: <see cref="Status.NoSuchInterval"/> if it is not kept, <see cref="Status.Busy"/> while
    /// there is a draft or a newer version is open for reading.
    /// </exception>
    public ContainerRecord Rollback(ContainerRecord container, StateInterval version)
    {
        using Transaction transaction = Begin(mayUseReserve: true);
        ContainerEntry entry = Entry(container);
        VersionRecord head = Kept(entry, version);
        if (_open.HasDrafts(entry.Id))
        {
            throw new KernelException(Status.Busy, $"an interval of '{entry.Name}' is in the making");
        }

        List<VersionRecord> newer = [.. VersionTable.All(_store.Reader, entry)
            .Where(other => other.Id.Interval > version.Value && !other.IsHidden)];
        return Discarding(entry, newer, () =>
        {
            ContainerEntry back = entry with { Head = head.Id.Interval, Length = head.Length };
            transaction.Put(back);
            new VersionPruning(_store.Reader, transaction).Discard(newer);
            Commit(transaction);
            return back.Record;
        });
    }

    /// <summary>
    /// Makes a container that begins with a version of another one, durably; they share all blocks until one of them
    /// writes. The version is the clone's interval 1, with its time, and no pages changed.
    /// </summary>
    /// <param name="source">The other container; its manager becomes the clone's.</param>
    /// <param name="version">By default the head; a source without versions gives an empty clone.</param>
    /// <param name="name">The clone's.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if it is not kept, <see cref="Status.AlreadySet"/> if the name exists.
    /// </exception>
    public ContainerRecord Clone(ContainerRecord source, StateInterval? version, string name)
    {
        ContainerName.ThrowIfInvalid(name, nameof(name));
        using Transaction transaction = Begin();
        ContainerEntry entry = Entry(source);
        ThrowIfTaken(name);
        VersionRecord? fork = version is null && entry.Head == 0
            ? null
            : Kept(entry, version ?? new StateInterval(entry.Head));
        var clone = ContainerEntry.Create(
            transaction.NewContainerId(), name, entry.Manager, fork?.Length ?? entry.Length);
        transaction.Put(clone);
        if (fork is not null)
        {
            // A version of its own, though it changes nothing: so every container begins with one that it may keep.
            clone = clone with { Head = 1, HighestInterval = 1 };
            transaction.Put(clone);
            transaction.Versions.Add(new VersionRecord(
                new VersionId(clone.Id, 1),
                transaction.Birth,
                IsHidden: false,
                fork.Time,
                fork.Length,
                PagesChanged: 0,
                fork.Map,
                DeadList.Empty,
                Parent: fork.Id));
        }

        Commit(transaction);
        return clone.Record;
    }

    private VersionRecord Kept(ContainerEntry entry, StateInterval version) =>
        version.Value > 0 && VersionTable.Find(_store.Reader, entry, version.Value) is { IsHidden: false } found
            ? found
            : throw new KernelException(
                Status.NoSuchInterval, $"container '{entry.Name}' has no version {version}");

    /// <summary>Nobody opens the versions while they are being discarded.</summary>
    private T Discarding<T>(ContainerEntry entry, List<VersionRecord> discarded, Func<T> discard)
    {
        VersionId[] ids = [.. discarded.Select(version => version.Id)];
        if (_open.BeginDiscard(ids) is { } open)
        {
            throw new KernelException(Status.Busy, $"version {open.Interval} of '{entry.Name}' is open for reading");
        }

        try
        {
            return discard();
        }
        finally
        {
            _open.EndDiscard(ids);
        }
    }

    private VersionMap OpenMap(ContainerEntry entry, ulong interval, bool isCounted)
    {
        var id = new VersionId(entry.Id, interval);
        if (isCounted && !_open.TryOpen(id))
        {
            throw new KernelException(Status.NoSuchInterval, $"container '{entry.Name}' has no version {interval}");
        }

        try
        {
            VersionRecord? version = interval == 0 ? null : Kept(entry, new StateInterval(interval));
            return new VersionMap(_store, version, id, version?.Length ?? entry.Length, isCounted ? _open : null);
        }
        catch
        {
            if (isCounted)
            {
                _open.Close(id);
            }

            throw;
        }
    }
}
