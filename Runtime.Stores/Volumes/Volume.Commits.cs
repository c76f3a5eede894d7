using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Stores.Volumes;

/// <content>What changes the volume.</content>
public sealed partial class Volume
{
    /// <inheritdoc/>
    public ContainerRecord Create(string name, long length, string manager)
    {
        ContainerName.ThrowIfInvalid(name, nameof(name));
        ContainerName.ThrowIfInvalid(manager, nameof(manager));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Format.MaxLength);
        using Transaction transaction = _store.Begin();
        if (WithCatalogue(catalogue => catalogue.Find(name)) is not null)
        {
            throw new KernelException(Status.AlreadySet, $"there is a container '{name}' already");
        }

        if (transaction.NextContainerId >= (long)TreeRoot.Capacity(Format.Tree.MaxHeight))
        {
            throw new VolumeException(Status.NoResources, "the volume has used up its container ids");
        }

        var entry = ContainerEntry.Create((ulong)transaction.NextContainerId++, name, manager, length);
        transaction.Put(entry);
        transaction.Commit();
        WithCatalogue(catalogue => catalogue.Put(entry));
        return entry.Record;
    }

    /// <inheritdoc/>
    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces)
    {
        ContainerName.ThrowIfInvalid(name, nameof(name));
        using Transaction transaction = _store.Begin();
        ContainerEntry entry = Entry(container);
        ContainerEntry? replaced = WithCatalogue(catalogue => catalogue.Find(name));
        if (replaced?.Id == entry.Id)
        {
            return entry.Record;
        }

        if (replaced is not null && !replaces)
        {
            throw new KernelException(Status.AlreadySet, $"there is a container '{name}' already");
        }

        if (replaced is not null)
        {
            Remove(transaction, replaced);
        }

        ContainerEntry renamed = entry with { Name = name };
        transaction.Put(renamed);
        transaction.Commit();
        WithCatalogue(catalogue =>
        {
            catalogue.Remove(entry);
            if (replaced is not null)
            {
                catalogue.Remove(replaced);
            }

            catalogue.Put(renamed);
        });
        return renamed.Record;
    }

    /// <inheritdoc/>
    public void Delete(ContainerRecord container)
    {
        using Transaction transaction = _store.Begin();
        ContainerEntry entry = Entry(container);
        Remove(transaction, entry);
        transaction.Commit();
        WithCatalogue(catalogue => catalogue.Remove(entry));
    }

    /// <summary>Begins a version of a container, on top of its newest one.</summary>
    /// <param name="container">Which.</param>
    /// <param name="interval">The interval that it closes; above every one issued before.</param>
    /// <param name="time">When the cut was made.</param>
    /// <param name="length">Bytes; a container does not shrink in this format.</param>
    /// <exception cref="VolumeException">
    /// The volume is read-only, or closed for writing after a failed flush.
    /// </exception>
    public VolumeCommit BeginCommit(ContainerRecord container, StateInterval interval, DateTimeOffset time, long length)
    {
        Transaction transaction = _store.Begin();
        try
        {
            ContainerEntry entry = Entry(container);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval.Value, entry.HighestInterval);
            ArgumentOutOfRangeException.ThrowIfEqual(interval.Value, ulong.MaxValue);
            ArgumentOutOfRangeException.ThrowIfLessThan(length, entry.Length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Format.MaxLength);
            _ = OpenMap(container);
            return new VolumeCommit(
                this, transaction, entry,
                new VersionRecord(interval.Value, time.UtcDateTime, length, PagesChanged: 0, entry.Newest.Map));
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    internal VersionMap Complete(Transaction transaction, ContainerEntry container, VersionRecord version)
    {
        ContainerEntry next = VersionList.Append(_store.Reader, transaction, container, version);
        transaction.Put(next);
        transaction.Commit();
        WithCatalogue(catalogue => catalogue.Put(next));
        return new VersionMap(_store, version.Interval, version.Length, version.Map);
    }

    private void Remove(Transaction transaction, ContainerEntry entry)
    {
        var walk = new DeletionWalk(_store.Reader);
        walk.ContainerBlock(_store.Reader.Find(transaction.Catalogue, entry.Id), entry.Id);
        transaction.Remove(entry);
        transaction.Writer.Freed.AddRange(walk.Seen);
    }

    private void WithCatalogue(Action<Catalogue> change) => WithCatalogue(catalogue =>
    {
        change(catalogue);
        return true;
    });
}
