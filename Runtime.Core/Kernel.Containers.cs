using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Core;

/// <content>Containers: opening, names, deletion.</content>
public sealed partial class Kernel
{
    /// <summary>Opens a container, creating it when <paramref name="length"/> is given and the name is new.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8 without control characters.</param>
    /// <param name="length">Bytes, 0 to 1 TiB. For an existing container it must be omitted or equal.</param>
    /// <param name="manager">
    /// For a new container: the registered manager, by default the options' default manager.
    /// </param>
    /// <param name="maximumLength">
    /// Bytes to which it can grow while it is open, which are reserved in the address space; by default its length,
    /// rounded up to 64 MiB.
    /// </param>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/> if there is no such container and no length,
    /// <see cref="Status.NotRegistered"/>
    /// if its manager's name is unknown, <see cref="Status.Busy"/> if it is open, <see cref="Status.OutOfRange"/> if
    /// the
    /// length differs, <see cref="Status.NoResources"/> if address space is used up.
    /// </exception>
    public Container OpenContainer(
        string name, long? length = null, string? manager = null, long? maximumLength = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (length is { } asked)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(asked, nameof(length));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(asked, Section.LengthLimit, nameof(length));
        }

        if (maximumLength is { } most)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(most, length ?? 0, nameof(maximumLength));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(most, Section.LengthLimit, nameof(maximumLength));
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            bool isNew = _volume.Find(name) is null;
            ContainerRecord record = FindOrCreateUnsynchronized(name, length, manager);
            if (!_open.TryGetValue(record.Id, out Container? container))
            {
                return OpenUnsynchronized(record, isNew, maximumLength ?? 0);
            }

            // One that was opened for the loci in it is the program's from now on.
            if (!container.IsActivated || maximumLength > container.MaximumLength)
            {
                throw new KernelException(Status.Busy, $"container '{name}' is open in this kernel already");
            }

            container.IsActivated = false;
            return container;
        }
    }

    /// <inheritdoc cref="OpenContainer"/>
    public Task<Container> OpenContainerAsync(
        string name,
        long? length = null,
        string? manager = null,
        long? maximumLength = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => OpenContainer(name, length, manager, maximumLength), cancellationToken);

    /// <summary>
    /// Gives a container another name, durably, and in the same step removes the container that had that name: after a
    /// crash there is the one or the other.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.Busy"/> while either is open, <see cref="Status.ContainerGone"/> if there is no container
    /// <paramref name="name"/>, <see cref="Status.AlreadySet"/> if <paramref name="newName"/> exists and
    /// <paramref name="replaces"/> is false.
    /// </exception>
    public void RenameContainer(string name, string newName, bool replaces = false)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ContainerRecord record = Find(name);
            ThrowIfOpenUnsynchronized(record);
            ContainerRecord? replaced = _volume.Find(newName);
            if (replaced is not null)
            {
                ThrowIfOpenUnsynchronized(replaced);
            }

            ContainerRecord renamed = _volume.Rename(record, newName, replaces);
            if (_entities.TryGetValue(record.Id, out ContainerEntity? entity))
            {
                entity.Record = renamed;
            }

            if (replaced is not null && replaced.Id != record.Id)
            {
                ForgetUnsynchronized(replaced);
            }
        }
    }

    /// <summary>Removes a container with all its versions, durably.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.Busy"/> while it or a version of it is open, <see cref="Status.ContainerGone"/> if there is
    /// none.
    /// </exception>
    public void DeleteContainer(string name)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ContainerRecord record = Find(name);
            ThrowIfOpenUnsynchronized(record);
            _volume.Delete(record);
            ForgetUnsynchronized(record);
        }
    }

    internal ContainerRecord? FindRecord(string name) => _volume.Find(name);

    internal ContainerRecord CreateRecord(string name, long length, string manager)
    {
        ThrowIfNotRegistered(name, manager);
        return _volume.Create(name, length, manager);
    }

    private ContainerRecord Find(string name) =>
        _volume.Find(name) ?? throw new KernelException(Status.ContainerGone, $"there is no container '{name}'");

    private void ThrowIfOpenUnsynchronized(ContainerRecord record)
    {
        if (_open.ContainsKey(record.Id) || _versions.Any(version => version.Record.Id == record.Id))
        {
            throw new KernelException(Status.Busy, $"container '{record.Name}' is open; close it first");
        }
    }

    private ContainerRecord FindOrCreateUnsynchronized(string name, long? length, string? manager)
    {
        if (_volume.Find(name) is not { } record)
        {
            if (length is not { } bytes)
            {
                throw new KernelException(
                    Status.ContainerGone, $"there is no container '{name}'; to create it, give its length");
            }

            string managerName = manager ?? Options.DefaultManager;
            ThrowIfNotRegistered(name, managerName);
            return _volume.Create(name, bytes, managerName);
        }

        return length is null || length == record.Length
            ? record
            : throw new KernelException(
                Status.OutOfRange, $"container '{name}' is {record.Length} bytes long, not {length}");
    }

    /// <summary>What its manager does not take on is not left behind in the volume.</summary>
    private Container OpenUnsynchronized(ContainerRecord record, bool isNew, long maximumLength)
    {
        try
        {
            return OpenUnsynchronized(record, version: null, maximumLength);
        }
        catch when (isNew)
        {
            _entities.Remove(record.Id);
            _volume.Delete(record);
            throw;
        }
    }

    private Container OpenUnsynchronized(ContainerRecord record, StateInterval? version, long maximumLength)
    {
        Manager manager = ManagerOfUnsynchronized(record);
        ManagedContainer managed = ManagerCall.Make(
            record.Name, nameof(OpenContainer), () => manager.OpenContainer(record, version));
        ThrowIfTokenInUse(manager, record.Name, managed.Token);     // it is the other's to close
        ContainerMemory? memory = null;
        try
        {
            memory = new ContainerMemory(
                _engine,
                _resident,
                record.Name,
                manager,
                managed,
                Math.Max(maximumLength, managed.Length),
                isReadOnly: managed.IsReadOnly || version is not null,
                Options.FaultDeadline)
            {
                Record = record,
            };
            if (version is { } older)
            {
                return new Container(this, record, memory, older, entity: null);
            }

            ContainerEntity entity = EntityOfUnsynchronized(record);
            if (entity.IsGone)
            {
                throw new KernelException(Status.ContainerGone, $"container '{record.Name}' is being destroyed");
            }

            var container = new Container(this, record, memory, BringRoot(memory, managed), entity);
            _open.Add(record.Id, container);
            entity.Record = record;
            entity.Open = container;
            return container;
        }
        catch (Exception failure)
        {
            memory?.Dispose();
            manager.CloseContainer(managed.Token);
            if (failure is MemoryException)
            {
                throw new KernelException(
                    Status.NoResources, $"container '{record.Name}' cannot be opened: {failure.Message}", failure);
            }

            throw;
        }
    }
}
