using Microsoft.Extensions.Logging;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
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
        _resident = new ResidentMemory(
            options.MemoryBudget ?? AvailableMemory.DefaultBudget,
            options.PageDiscardLimit,
            options.SpillsDirtyPages ? volume.Spill : null)
        {
            Tasks = new TaskThreads(options.ManagerThreads),
        };
        _saver = new Saver(_log, options.SaveDeadline);
        Store = new KernelStore(volume);
        Capabilities = new CapabilitySpace(Store.NextNumber);
        _host = new HostCaller(this);
        Calls = new SystemCalls(this, _host, locus: null);
        Scheduler = new LocusScheduler(options.LocusThreads, options.DirectLoci);
    }

    /// <summary>What the volume holds, by name.</summary>
    public IReadOnlyList<ContainerRecord> Containers => _volume.Containers;

    /// <summary>The engine that protects this kernel's windows.</summary>
    public TrapEngine Engine => _engine;

    /// <summary>How much memory it may use, and uses now.</summary>
    public KernelStatistics Statistics => new(
        _resident.Budget.Limit * PageNumber.Size,
        _resident.Budget.Used * PageNumber.Size,
        _resident.Forced,
        _resident.Overdue,
        _resident.Spill.Total,
        _resident.Spill.Pages);

    /// <summary>
    /// The calling thread's last fault that ended without its page; null if there was none. After a
    /// <see cref="NullReferenceException"/> on a raw pointer it tells what really happened.
    /// </summary>
    public static FaultReport? LastFault => Trap.LastFault is { } fault ? FaultReport.From(fault) : null;

    internal KernelOptions Options { get; }

    internal ResidentMemory Resident => _resident;

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

        ThrowUnlessLimit(options.PageDiscardLimit, nameof(options.PageDiscardLimit));
        ThrowUnlessLimit(options.SaveDeadline, nameof(options.SaveDeadline));
        Trap.SetDeadline(options.FaultDeadline);                    // installs the library, too
        IVolume volume = options.OpenVolume();
        try
        {
            var kernel = new Kernel(options, volume);
            kernel.LoadEntities();
            kernel.ResumeLoaded();
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

            // Those in which others are kept come last.
            open = [.. _open.Values.Concat(_versions).OrderBy(container => container.IsBacking)];
        }

        List<Exception> failures = [];
        PauseLoci();
        foreach (Container container in open)
        {
            CloseForGood(container, failures);
        }

        _saver.Dispose();
        SaveEntities(failures);
        EndLoci(failures);
        try
        {
            Store.Dispose();
        }
        catch (VolumeException failure)
        {
            failures.Add(failure);
        }

        foreach (Manager manager in _managers.Values)
        {
            manager.Dispose();
        }

        CloseDisks();
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
                container.Entity!.Open = null;
            }
        }
    }

    private static void ThrowUnlessLimit(TimeSpan limit, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.FromMilliseconds(1), name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, TimeSpan.FromDays(1), name);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Kernel booted: {Count} containers, engine {Engine}")]
    private static partial void LogBooted(ILogger log, int count, string engine);
}
