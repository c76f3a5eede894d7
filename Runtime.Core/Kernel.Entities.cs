using Microsoft.Extensions.Logging;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Core;

/// <content>Containers as entities: capabilities for them, their invocation points, their destruction.</content>
public sealed partial class Kernel
{
    private readonly Dictionary<ulong, ContainerEntity> _entities = []; // guarded by _lock

    /// <summary>
    /// The kernel's calls as the documents have them, for the host program: with the capabilities of the host table.
    /// </summary>
    public SystemCalls Calls { get; }

    internal CapabilitySpace Capabilities { get; }

    internal KernelStore Store { get; }

    /// <summary>Makes a capability with every right for a container, open or not.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/> if there is no such container, <see cref="Status.NoResources"/> if the host
    /// table is full.
    /// </exception>
    /// <exception cref="VolumeException">The kernel's log is damaged.</exception>
    public Capability GetCapability(string container) => Grant(Capabilities.MasterOf(EntityOf(container)));

    /// <summary>Makes a capability with every right for a locus.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.InvalidCapRef"/> if it has ended, <see cref="Status.NoResources"/> if the host table is full.
    /// </exception>
    public Capability GetCapability(Locus locus)
    {
        ArgumentNullException.ThrowIfNull(locus);
        if (locus.Entity.Kernel != this)
        {
            throw new ArgumentException($"locus {locus.Id} belongs to another kernel", nameof(locus));
        }

        return Grant(Capabilities.MasterOf(locus.Entity));
    }

    internal Capability Derive(CapRef source, KernelRights rights, uint userRights)
    {
        Capability derived = Grant(Capabilities.HostTable.Find(source.Index)
            ?? throw new KernelException(Status.InvalidCapRef, $"{nameof(Derive)} {source}: worth nothing any more"));
        Status status = Capabilities.Derive(_host, source, derived.Reference, rights, userRights);
        if (status != Status.Success)
        {
            derived.Dispose();
            throw new KernelException(status, $"{nameof(Derive)} {source}: {status}");
        }

        return derived;
    }

    /// <summary>The container's entity, made at first need.</summary>
    internal ContainerEntity EntityOf(string name)
    {
        Store.ThrowIfDamaged();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return EntityOfUnsynchronized(Find(name));
        }
    }

    /// <summary>Opens a container for code that executes in it, unless it is open.</summary>
    internal Container Activate(ContainerEntity entity)
    {
        if (entity.Open is { } open)
        {
            return open;
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (entity.Open is { } opened)
            {
                return opened;
            }

            if (entity.IsGone)
            {
                throw new KernelException(
                    Status.ContainerGone, $"container '{entity.Record.Name}' was destroyed");
            }

            Container container = OpenUnsynchronized(Find(entity.Record.Name), version: null, maximumLength: 0);
            container.IsActivated = true;
            return container;
        }
    }

    internal Status CreateContainer(string? name, long length, out ContainerEntity? created)
    {
        created = null;
        if (length is < 0 or > Section.LengthLimit)
        {
            return Status.OutOfRange;
        }

        Store.ThrowIfDamaged();
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, this);
                created = EntityOfUnsynchronized(_volume.Create(
                    name ?? $"container-{Guid.NewGuid():N}", length, ContainerRecord.NoManager));
                return Status.Success;
            }
        }
        catch (KernelException failure)
        {
            return failure.Status;
        }
    }

    internal Status SetEntry(ContainerEntity container, string name)
    {
        if (!TryFindEntry(name, out EntryPoint? entry))
        {
            return Status.NotRegistered;
        }

        container.SetEntry(name, entry);
        return Status.Success;
    }

    internal static Status RemoveEntry(ContainerEntity container)
    {
        if (container.EntryName is null)
        {
            return Status.NoInvocationPoint;
        }

        container.SetEntry(name: null, entry: null);
        return Status.Success;
    }

    /// <summary>Destroys a container: the last thing that can refuse comes first.</summary>
    internal Status Destroy(ContainerEntity entity)
    {
        Container? open;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_versions.Any(version => version.Record.Id == entity.Id))
            {
                return Status.Busy;
            }

            open = entity.Open;
        }

        if (open is not null && !open.TryEndLeasesForGood())
        {
            return Status.LeasesOutstanding;
        }

        if (!Capabilities.TryDeleteAll(entity))
        {
            return Status.InvalidCapRef;                            // somebody else was first
        }

        entity.Turns.Retire();
        Capabilities.Clear(entity.Table);
        try
        {
            for (; open is not null; open = entity.Open)            // closed and opened again meanwhile, it is another
            {
                open.Destroy();
            }

            lock (_lock)
            {
                if (_entities.Remove(entity.Id))                    // else it was deleted by its name meanwhile
                {
                    _volume.Delete(entity.Record);
                }
            }

            Store.Drop(entity.Id);
        }
        catch (KernelException failure)
        {
            return failure.Status;
        }
        finally
        {
            ForceReturns(entity);
        }

        return Status.Success;
    }

    /// <summary>Cuts a container for a locus between two of its steps.</summary>
    internal Status Snapshot(ContainerEntity entity)
    {
        try
        {
            Activate(entity).TakeSnapshot();
            return Status.Success;
        }
        catch (KernelException failure)
        {
            return failure.Status;
        }
        catch (ObjectDisposedException)
        {
            return Status.ContainerGone;
        }
    }

    /// <summary>What the log is to keep of a container now; null if it keeps just that.</summary>
    internal KernelRecord? Capture(ContainerEntity entity, StateInterval interval) =>
        entity.HasUnsavedState ? new KernelRecord(Store, entity, interval, entity.Changes, entity.Capture()) : null;

    private Capability Grant(PermissionGroup group)
    {
        if (group.IsDeleted)
        {
            throw new KernelException(Status.InvalidCapRef, $"the {group.Entity.Type} {group.Entity.Id} is gone");
        }

        return Capabilities.Add(Capabilities.HostTable, group) is { } index
            ? new Capability(this, CapRef.Locus(index))
            : throw new KernelException(
                Status.NoResources, $"the host table is full: it has {CapRef.TableSize} slots; dispose capabilities");
    }

    private ContainerEntity EntityOfUnsynchronized(ContainerRecord record)
    {
        if (!_entities.TryGetValue(record.Id, out ContainerEntity? entity))
        {
            entity = new ContainerEntity(this, record);
            _entities.Add(record.Id, entity);
        }

        return entity;
    }

    /// <summary>Brings back what earlier lives have kept: first all groups, then the tables that name them.</summary>
    private void LoadEntities()
    {
        try
        {
            LoadEntitiesOfLog();
        }
        catch (VolumeException damage)
        {
            Store.NoteDamage(damage);
        }

        if (Store.Failure is { } failure)
        {
            LogDamage(_log, failure);
        }
    }

    private void LoadEntitiesOfLog()
    {
        if (Store.Containers.Count == 0)
        {
            return;
        }

        Dictionary<ulong, ContainerRecord> containers = _volume.Containers.ToDictionary(container => container.Id);
        var states = new List<(ContainerEntity Entity, ContainerState State)>();
        foreach (KernelLogRecord record in Store.Containers)
        {
            ContainerEntity entity = EntityOfUnsynchronized(containers[record.Container]);
            ContainerState state = ContainerState.Decode(record.Payload);
            entity.LoadGroups(state, name => TryFindEntry(name, out EntryPoint? entry) ? entry : null);
            states.Add((entity, state));
        }

        foreach ((ContainerEntity entity, ContainerState state) in states)
        {
            entity.LoadTable(state, Find);
        }

        LoadLoci(states.SelectMany(each => each.State.Loci), Find);

        // The host program's capabilities ended with their process, and what only they named is of no use.
        foreach (ContainerEntity entity in _entities.Values)
        {
            entity.DeleteUnusedGroupsUnsynchronized();
        }

        ContainerEntity? Find(ulong id) =>
            containers.TryGetValue(id, out ContainerRecord? named) ? EntityOfUnsynchronized(named) : null;
    }

    /// <summary>Keeps what changed of containers that are closed: it belongs to their newest versions.</summary>
    private void SaveEntities(List<Exception> failures)
    {
        if (!Options.SnapshotOnDispose)
        {
            return;                                                 // pages are not kept either
        }

        foreach (ContainerEntity entity in _entities.Values.Where(entity => entity.Open is null))
        {
            try
            {
                StateInterval newest = entity.Record.IsUnmanaged
                    ? Store.IntervalOf(entity.Id)
                    : _volume.Find(entity.Record.Name) is { } record ? Store.NewestOf(record) : default;
                Capture(entity, newest)?.Save();
            }
            catch (KernelException failure)
            {
                failures.Add(failure);
            }
        }
    }

    /// <summary>The volume has forgotten a container that was closed: capabilities and loci follow.</summary>
    private void ForgetUnsynchronized(ContainerRecord record)
    {
        if (_entities.Remove(record.Id, out ContainerEntity? entity))
        {
            Capabilities.TryDeleteAll(entity);
            Capabilities.Clear(entity.Table);
            entity.Turns.Retire();
            ForceReturns(entity);
        }

        Store.Drop(record.Id);
    }

    /// <summary>A manager that was told of a destruction threw; the container goes all the same.</summary>
    internal void NoteManagerFailure(string container, KernelException failure) =>
        LogManagerFailed(_log, failure, container);

    [LoggerMessage(Level = LogLevel.Error, Message = "The manager of '{Container}' threw when it was told of its end")]
    private static partial void LogManagerFailed(ILogger log, Exception failure, string container);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The kernel's log cannot be read: containers can be used, capabilities and loci cannot")]
    private static partial void LogDamage(ILogger log, Exception failure);

    private sealed class HostCaller(Kernel kernel) : Caller
    {
        internal override CapabilityTable Table => kernel.Capabilities.HostTable;

        internal override ContainerEntity? Host => null;
    }
}
