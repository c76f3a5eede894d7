using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Stores.Volumes;

/// <content>What changes containers as a whole.</content>
public sealed partial class Volume
{
    /// <inheritdoc/>
    public ContainerRecord Create(string name, long length, string manager)
    {
        ContainerName.ThrowIfInvalid(name, nameof(name));
        ContainerName.ThrowIfInvalid(manager, nameof(manager));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Format.MaxLength);
        using Transaction transaction = Begin();
        ThrowIfTaken(name);
        var entry = ContainerEntry.Create(transaction.NewContainerId(), name, manager, length);
        transaction.Put(entry);
        Commit(transaction);
        return entry.Record;
    }

    /// <inheritdoc/>
    /// <exception cref="KernelException">
    /// <see cref="Status.Busy"/> if anything of the container that is replaced is open.
    /// </exception>
    public ContainerRecord Rename(ContainerRecord container, string name, bool replaces)
    {
        ContainerName.ThrowIfInvalid(name, nameof(name));
        using Transaction transaction = Begin();
        ContainerEntry entry = Entry(container);
        ContainerEntry? replaced = WithCatalogue(catalogue => catalogue.Find(name));
        if (replaced?.Id == entry.Id)
        {
            return entry.Record;
        }

        if (replaced is not null && !replaces)
        {
            ThrowIfTaken(name);
        }

        ContainerEntry renamed = entry with { Name = name };
        transaction.Put(renamed);
        if (replaced is null)
        {
            Commit(transaction);
        }
        else
        {
            Remove(transaction, replaced);
        }

        return renamed.Record;
    }

    /// <inheritdoc/>
    public ContainerRecord SetManager(ContainerRecord container, string manager, StateInterval issued)
    {
        ContainerName.ThrowIfInvalid(manager, nameof(manager));
        using Transaction transaction = Begin();
        ContainerEntry entry = Entry(container);
        ContainerEntry changed = entry with
        {
            Manager = manager,
            HighestInterval = Math.Max(entry.HighestInterval, issued.Value),
        };
        transaction.Put(changed);
        Commit(transaction);
        return changed.Record;
    }

    /// <summary>
    /// Removes a container with all its versions. Blocks that clones of them need stay until the clones go, too.
    /// </summary>
    /// <exception cref="KernelException"><see cref="Status.Busy"/> if anything of it is open.</exception>
    public void Delete(ContainerRecord container)
    {
        using Transaction transaction = Begin(mayUseReserve: true);
        Remove(transaction, Entry(container));
    }

    /// <summary>Commits without the container.</summary>
    private void Remove(Transaction transaction, ContainerEntry entry)
    {
        if (!_open.TryBeginDelete(entry.Id))
        {
            throw new KernelException(Status.Busy, $"container '{entry.Name}' is open");
        }

        try
        {
            transaction.Put(entry with { IsDeleted = true, Head = 0 });
            new VersionPruning(_store.Reader, transaction).Discard(
                VersionTable.All(_store.Reader, entry).Where(version => !version.IsHidden));
            Commit(transaction);
        }
        finally
        {
            _open.EndDelete(entry.Id);
        }
    }

    private Transaction Begin(bool mayUseReserve = false) =>
        _store.Begin(id => WithCatalogue(catalogue => catalogue.Find(id)), mayUseReserve);

    private void Commit(Transaction transaction)
    {
        transaction.Commit();
        WithCatalogue(catalogue => catalogue.Apply(transaction.Changed));
    }

    private void ThrowIfTaken(string name)
    {
        if (WithCatalogue(catalogue => catalogue.Find(name)) is not null)
        {
            throw new KernelException(Status.AlreadySet, $"there is a container '{name}' already");
        }
    }

    private void WithCatalogue(Action<Catalogue> change) => WithCatalogue(catalogue =>
    {
        change(catalogue);
        return true;
    });
}
