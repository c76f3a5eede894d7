using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Core.Tracing;

namespace Runtime.Core;

/// <content>Managers: which there are, and which container has which (docs/semantics.md, "Hand-over").</content>
public sealed partial class Kernel
{
    private readonly ConcurrentDictionary<string, EntryPoint> _managerEntries = new(StringComparer.Ordinal);

    /// <summary>
    /// Makes a manager look after a container that has none (<c>manage_request</c>, <c>set_manager</c>), or takes it
    /// from one that has failed.
    /// </summary>
    /// <remarks>
    /// It begins with what the manager has of it. Of a container that is in quarantine the pages in memory stay, and
    /// what its manager held of the open interval is asked for once more; pages that do not come are
    /// <see cref="Status.Lost"/> from then on. Open windows, views and the container's object stay good.
    /// </remarks>
    /// <param name="container">Open or not; afterwards it is open.</param>
    /// <param name="manager">The name under which the manager is registered.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/>, <see cref="Status.NotRegistered"/>; <see cref="Status.AlreadyManaged"/> if
    /// it has a manager that has not failed (<see cref="RemoveManager(string)"/> comes first);
    /// <see cref="Status.PermissionDenied"/> if the manager declines; <see cref="Status.Busy"/> or
    /// <see cref="Status.LeasesOutstanding"/> if it is in use, <see cref="Status.NoResources"/> if it is longer than
    /// its window can be; whatever the manager answered. Nothing has changed then.
    /// </exception>
    public void SetManager(string container, string manager)
    {
        ArgumentNullException.ThrowIfNull(manager);
        ContainerEntity entity = EntityOf(container);
        Status status = Ask(ManagerNamed(container, manager), manager, entity, out bool isAccepted, out Exception? why);
        if (status != Status.Success || !isAccepted)
        {
            throw why as KernelException ?? new KernelException(
                status == Status.Success ? Status.PermissionDenied : status,
                $"container '{container}': the manager '{manager}' does not take it on: "
                    + (status == Status.Success ? "it declined" : status),
                why);
        }
    }

    /// <inheritdoc cref="SetManager(string, string)"/>
    public Task SetManagerAsync(
        string container, string manager, CancellationToken cancellationToken = default) =>
        Task.Run(() => SetManager(container, manager), cancellationToken);

    /// <summary>
    /// Takes a container from its manager, the first step of a hand-over: what was written is cut and saved, the
    /// manager gives every page back and is told that the kernel is done with it. Until it has another one, its data
    /// cannot be touched (<see cref="Status.NoManager"/>).
    /// </summary>
    /// <remarks>Versions stay where they are. What a volatile container holds goes.</remarks>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/>; <see cref="Status.NoManager"/> if it has none;
    /// <see cref="Status.ManagerFailed"/> if it is in quarantine (<see cref="SetManager(string, string)"/> does without
    /// this step); <see cref="Status.Busy"/> or <see cref="Status.LeasesOutstanding"/> if it is in use; why it could
    /// not be saved. Nothing has changed then.
    /// </exception>
    public void RemoveManager(string container) => RemoveManager(EntityOf(container));

    /// <inheritdoc cref="RemoveManager(string)"/>
    public Task RemoveManagerAsync(string container, CancellationToken cancellationToken = default) =>
        Task.Run(() => RemoveManager(container), cancellationToken);

    /// <summary>
    /// Makes a capability with every right for the container that stands for a manager: who invokes it with a
    /// <see cref="ManagementRequest.Encode"/>d block makes a <c>manage_request</c>.
    /// </summary>
    /// <remarks>
    /// It is named <c>manager/NAME</c>, as is its invocation point, and is created at first need. Any other container
    /// with such an invocation point stands for the manager as well.
    /// </remarks>
    /// <exception cref="KernelException">
    /// <see cref="Status.NotRegistered"/>; <see cref="Status.NoResources"/> if the host table is full.
    /// </exception>
    /// <exception cref="VolumeException">The volume cannot be written.</exception>
    public Capability GetManagerCapability(string manager)
    {
        ArgumentException.ThrowIfNullOrEmpty(manager);
        ThrowIfNotRegistered(ManagerEntry.NamePrefix + manager, manager);
        ContainerEntity entity;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            entity = StandingForUnsynchronized(manager, length: 0, ContainerRecord.NoManager);
        }

        return Grant(Capabilities.MasterOf(entity));
    }

    /// <summary>Code that is registered, or that stands for a registered manager.</summary>
    internal bool TryFindEntry(string name, [NotNullWhen(true)] out EntryPoint? entry)
    {
        if (Options.Entries.TryFind(name, out entry))
        {
            return true;
        }

        entry = ManagerEntry.ManagerOf(name) is { } manager && Options.Managers.Find(manager) is not null
            ? _managerEntries.GetOrAdd(name, static (its, kernel) => ManagerEntry.Create(kernel, its), this)
            : null;
        return entry is not null;
    }

    /// <summary>Asks a manager to look after a container; if it accepts, it has set itself.</summary>
    internal static Status Ask(
        Manager manager, string name, ContainerEntity container, out bool isAccepted, out Exception? failure)
    {
        isAccepted = false;
        failure = null;
        try
        {
            return manager.ManageRequest(new ManagementRequest(manager, name, container), out isAccepted);
        }
        catch (Exception thrown)
        {
            failure = thrown;
            return (thrown as KernelException)?.Status ?? Status.ManagerFailed;
        }
    }

    /// <summary>
    /// Has a container loaded that is about to be invoked, if its manager wants that (<c>invoke_no_support</c>).
    /// </summary>
    /// <param name="target">Which; one without a manager has nothing to load.</param>
    /// <param name="interval">Of the container from which it is invoked.</param>
    /// <param name="arguments">What it is passed.</param>
    internal Status ActivateCold(ContainerEntity target, StateInterval interval, ReadOnlySpan<byte> arguments)
    {
        ContainerRecord record = target.Record;
        if (record.IsUnmanaged)
        {
            return Status.Success;
        }

        try
        {
            Manager manager = ManagerNamed(record.Name, record.Manager);
            Status answer = AskForSupport(
                manager, new ColdInvocation(MachineId.Here, record, interval, arguments), out InvokeSupport support);
            if (answer != Status.Success || support != InvokeSupport.ActivatedLocally)
            {
                return answer == Status.Success ? Status.NotSupported : Status.ManagerFailed;
            }

            Activate(target);
            return Status.Success;
        }
        catch (Exception failure) when (Refusal.StatusOf(failure) is { } status)
        {
            return status;
        }
    }

    /// <summary>The registered manager, made at first need.</summary>
    internal Manager ManagerNamed(string container, string manager)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return ManagerNamedUnsynchronized(container, manager);
        }
    }

    internal void SetManager(ContainerEntity entity, string manager, Token? token)
    {
        if (entity.Open is null && entity.Record is { IsUnmanaged: false } record)
        {
            if (Options.Managers.Find(record.Manager) is not null)
            {
                throw AlreadyManaged(record);
            }

            // Its manager is gone: what it kept it keeps, and the kernel has nothing of the container.
            NoteManager(entity, ContainerRecord.NoManager, record.Newest);
        }

        Activate(entity).SetManager(ManagerNamed(entity.Record.Name, manager), manager, token);
    }

    internal void RemoveManager(ContainerEntity entity)
    {
        if (entity.Record.IsUnmanaged)
        {
            throw new KernelException(Status.NoManager, $"container '{entity.Record.Name}' has no manager");
        }

        Activate(entity).RemoveManager(ManagerNamed(entity.Record.Name, ContainerRecord.NoManager));
    }

    /// <summary>Has the volume note a container's manager, durably.</summary>
    internal ContainerRecord NoteManager(ContainerEntity entity, string manager, StateInterval issued)
    {
        lock (_lock)
        {
            return entity.Record = _volume.SetManager(entity.Record, manager, issued);
        }
    }

    /// <summary>As at every opening, under the kernel's lock: a manager may open others in turn.</summary>
    internal ManagedContainer TakeOn(Manager manager, ContainerRecord record)
    {
        lock (_lock)
        {
            return ManagerCall.Make(
                record.Name, nameof(OpenContainer), () => manager.OpenContainer(record, version: null));
        }
    }

    internal static KernelException AlreadyManaged(ContainerRecord record) => new(
        Status.AlreadyManaged,
        $"container '{record.Name}' has the manager '{record.Manager}'; remove it first");

    /// <exception cref="KernelException">The manager knows another open container by that token.</exception>
    internal void ThrowIfTokenInUse(Manager manager, string container, Token token)
    {
        if (_resident.Find(manager, token) is { } other)
        {
            throw new KernelException(
                Status.TokenInUse,
                $"container '{container}': its manager knows container '{other.Name}' by the token {token.Value}");
        }
    }

    /// <summary>The container that stands for a manager, made at first need.</summary>
    /// <param name="manager">For whom it stands.</param>
    /// <param name="length">Of a new one, in bytes.</param>
    /// <param name="managedBy">Whose a new one is.</param>
    private ContainerEntity StandingForUnsynchronized(string manager, long length, string managedBy)
    {
        string name = ManagerEntry.NamePrefix + manager;
        ContainerEntity entity = EntityOfUnsynchronized(
            _volume.Find(name) ?? _volume.Create(name, length, managedBy));
        if (entity.EntryName is null)
        {
            SetEntry(entity, name);
        }

        return entity;
    }

    private static Status AskForSupport(Manager manager, in ColdInvocation invocation, out InvokeSupport support)
    {
        support = default;
        try
        {
            return manager.InvokeNoSupport(invocation, out support);
        }
#pragma warning disable CA1031 // A manager is somebody else's code; whatever it throws, the invocation has failed.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Status.ManagerFailed;
        }
    }

    private Manager ManagerOfUnsynchronized(ContainerRecord record) =>
        ManagerNamedUnsynchronized(record.Name, record.Manager);

    private Manager ManagerNamedUnsynchronized(string container, string name)
    {
        if (!_managers.TryGetValue(name, out Manager? manager))
        {
            ThrowIfNotRegistered(container, name);
            manager = name == ContainerRecord.NoManager
                ? new UnmanagedManager(Store)
                : Traced(name, Options.Managers.Find(name)!());
            manager.Pages = new PageSet(_resident, manager, _resident.Budget.Limit);
            manager.Services = new ManagerServices(this, manager);
            manager.Backing = new BackingContainers(this, name);
            (manager as TracedManager)?.PassOn();
            _managers.Add(name, manager);
        }

        return manager;
    }

    private Manager Traced(string name, Manager manager) => Options.Trace is { } trace
        ? new TracedManager(manager, new ManagerTracer(trace, name))
        : manager;

    private void ThrowIfNotRegistered(string container, string manager)
    {
        if (manager != ContainerRecord.NoManager && Options.Managers.Find(manager) is null)
        {
            throw new KernelException(
                Status.NotRegistered,
                $"container '{container}' is managed by '{manager}', which is not registered; it stays as it is");
        }
    }
}
