using Microsoft.Extensions.Logging;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Core;

/// <summary>A single-level store inside this process.</summary>
/// <remarks>Thread safe. Any number of kernels may live in one process.</remarks>
public sealed partial class Kernel : IDisposable, IAsyncDisposable
{
    private readonly Lock _lock = new();                            // guards what follows
    private readonly Dictionary<ulong, Container> _open = [];
    private readonly HashSet<Container> _versions = [];
    private readonly Dictionary<string, Manager> _managers = new(StringComparer.Ordinal);
    private readonly IVolume _volume;
    private readonly TrapEngine _engine;
    private readonly ResidentMemory _resident;
    private readonly Saver _saver;
    private readonly ILogger _log;
    private bool _isDisposed;

    private Kernel(KernelOptions options, IVolume volume)
    {
        Options = options;
        _volume = volume;
        _engine = options.Engine ?? TrapEngine.Default;
        _log = options.LoggerFactory.CreateLogger<Kernel>();
        _resident = new ResidentMemory(options.MemoryBudget ?? AvailableMemory.DefaultBudget);
        _saver = new Saver(_log);
    }

    /// <summary>What the volume holds, by name.</summary>
    public IReadOnlyList<ContainerRecord> Containers => _volume.Containers;

    /// <summary>The engine that protects this kernel's windows.</summary>
    public TrapEngine Engine => _engine;

    /// <summary>How much memory it may use, and uses now.</summary>
    public KernelStatistics Statistics => new(
        _resident.Budget.Limit * PageNumber.Size, _resident.Budget.Used * PageNumber.Size);

    /// <summary>
    /// The calling thread's last fault that ended without its page; null if there was none. After a
    /// <see cref="NullReferenceException"/> on a raw pointer it tells what really happened.
    /// </summary>
    public static FaultReport? LastFault => Trap.LastFault is { } fault ? FaultReport.From(fault) : null;

    internal KernelOptions Options { get; }

    /// <summary>Boots a kernel and opens its home volume.</summary>
    /// <exception cref="ArgumentException">The options name no volume.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// This system or runtime cannot carry the fault handlers.
    /// </exception>
    /// <exception cref="KernelException">The volume cannot be opened.</exception>
    public static Kernel Boot(KernelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.OpenVolume is null)
        {
            throw new ArgumentException("the options name no volume", nameof(options));
        }

        if (options.MemoryBudget is { } budget)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(
                budget, AvailableMemory.LeastBudget, nameof(options.MemoryBudget));
        }

        Trap.SetDeadline(options.FaultDeadline);                    // installs the library, too
        IVolume volume = options.OpenVolume();
        try
        {
            var kernel = new Kernel(options, volume);
            LogBooted(kernel._log, volume.Containers.Count, kernel._engine.Name);
            return kernel;
        }
        catch
        {
            volume.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Boot"/>
    public static Task<Kernel> BootAsync(KernelOptions options, CancellationToken cancellationToken = default) =>
        Task.Run(() => Boot(options), cancellationToken);

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
            ContainerRecord record = FindOrCreateUnsynchronized(name, length, manager);
            if (_open.ContainsKey(record.Id))
            {
                throw new KernelException(Status.Busy, $"container '{name}' is open in this kernel already");
            }

            Container container = OpenUnsynchronized(record, version: null, maximumLength ?? 0);
            _open.Add(record.Id, container);
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
            if (_volume.Find(newName) is { } replaced)
            {
                ThrowIfOpenUnsynchronized(replaced);
            }

            _volume.Rename(record, newName, replaces);
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
        }
    }

    /// <summary>Closes every container, with a last snapshot if the options say so, then managers and volume.</summary>
    /// <exception cref="AggregateException">
    /// Containers could not be closed in order; they are closed all the same, without what they could not save. Only
    /// one whose leases outlast the limit stays, with its memory and for nothing else, until
    /// <see cref="Container.Abandon"/>.
    /// </exception>
    public void Dispose()
    {
        List<Container> open;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            open = [.. _open.Values, .. _versions];
        }

        List<Exception> failures = [];
        foreach (Container container in open)
        {
            CloseForGood(container, failures);
        }

        _saver.Dispose();
        foreach (Manager manager in _managers.Values)
        {
            manager.Dispose();
        }

        _volume.Dispose();
        _resident.Dispose();
        if (failures.Count > 0)
        {
            throw new AggregateException("the kernel is closed, but not everything was saved", failures);
        }
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    internal void Forget(Container container, ContainerMemory memory)
    {
        memory.Manager.CloseContainer(memory.Token);
        lock (_lock)
        {
            if (!_versions.Remove(container))
            {
                _open.Remove(container.Record.Id);
            }
        }
    }

    private static void CloseForGood(Container container, List<Exception> failures)
    {
        try
        {
            container.Dispose();
        }
        catch (KernelException failure)
        {
            failures.Add(failure);
            try
            {
                container.Abandon();
            }
            catch (KernelException worse)
            {
                failures.Add(worse);
            }
        }
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

    private Container OpenUnsynchronized(ContainerRecord record, StateInterval? version, long maximumLength)
    {
        Manager manager = ManagerOfUnsynchronized(record);
        ManagedContainer managed = ManagerCall.Make(
            record.Name, nameof(OpenContainer), () => manager.OpenContainer(record, version));
        try
        {
            var memory = new ContainerMemory(
                _engine,
                _resident,
                record.Name,
                manager,
                managed,
                Math.Max(maximumLength, managed.Length),
                isReadOnly: version is not null,
                Options.FaultDeadline);
            return new Container(this, record, memory, version ?? managed.OpenInterval);
        }
        catch (Exception failure)
        {
            manager.CloseContainer(managed.Token);
            if (failure is MemoryException)
            {
                throw new KernelException(
                    Status.NoResources, $"container '{record.Name}' cannot be opened: {failure.Message}", failure);
            }

            throw;
        }
    }

    private Manager ManagerOfUnsynchronized(ContainerRecord record)
    {
        if (!_managers.TryGetValue(record.Manager, out Manager? manager))
        {
            ThrowIfNotRegistered(record.Name, record.Manager);
            manager = Options.Managers.Find(record.Manager)!();
            manager.Pages = new PageSet(_resident, manager);
            _managers.Add(record.Manager, manager);
        }

        return manager;
    }

    private void ThrowIfNotRegistered(string container, string manager)
    {
        if (Options.Managers.Find(manager) is null)
        {
            throw new KernelException(
                Status.NotRegistered,
                $"container '{container}' is managed by '{manager}', which is not registered; it stays as it is");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Kernel booted: {Count} containers, engine {Engine}")]
    private static partial void LogBooted(ILogger log, int count, string engine);
}
