using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core.Containers;

/// <summary>A large sparse region of memory that outlives the process.</summary>
/// <remarks>Thread safe. Dispose closes it; late accesses throw <see cref="ObjectDisposedException"/>.</remarks>
public sealed class Container : IDisposable, IAsyncDisposable
{
    private readonly Lock _lock = new();                            // one cut or close at a time; guards _interval
    private readonly Kernel _kernel;
    private readonly ContainerMemory _memory;
    private StateInterval _interval;
    private bool _isDisposed;

    internal Container(Kernel kernel, ContainerRecord record, ContainerMemory memory, StateInterval interval)
    {
        _kernel = kernel;
        _memory = memory;
        _interval = interval;
        Record = record;
        View = new ContainerView(memory);
    }

    /// <summary>The name, unique within the volume.</summary>
    public string Name => Record.Name;

    /// <summary>The length in bytes.</summary>
    public long Length => _memory.Length;

    /// <summary>Whether this is an older version, which nobody may write.</summary>
    public bool IsReadOnly => _memory.IsReadOnly;

    /// <summary>The interval that now executes, or the opened version of a read-only container.</summary>
    public StateInterval Interval
    {
        get
        {
            lock (_lock)
            {
                return _interval;
            }
        }
    }

    /// <summary>The container's bytes.</summary>
    public ContainerView View { get; }

    /// <summary>How many faults it has taken and pages it holds.</summary>
    public ContainerStatistics Statistics => new(
        _memory.ReadFaults, _memory.WriteFaults, _memory.Upcalls, _memory.ResidentPages, _memory.CountWritten());

    internal ContainerRecord Record { get; }

    /// <summary>
    /// Cuts the container at one instant for every thread and saves what was written since the last cut.
    /// </summary>
    /// <returns>The snapshot, durable.</returns>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when write leases outlast the limit, <see cref="Status.Busy"/> when the
    /// calling thread holds one, <see cref="Status.PermissionDenied"/> on a read-only container; whatever the manager
    /// answered otherwise. Memory stays as it is, and the next cut saves what this one did not.
    /// </exception>
    public Snapshot TakeSnapshot()
    {
        if (IsReadOnly)
        {
            throw new KernelException(
                Status.PermissionDenied, $"container '{Name}' was opened read-only, at an older version");
        }

        if (LeaseHolder.CurrentHoldsAny)
        {
            throw new KernelException(
                Status.Busy, $"container '{Name}': a cut waits for write leases, and the caller holds one itself");
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return CutUnsynchronized();
        }
    }

    /// <inheritdoc cref="TakeSnapshot"/>
    public Task<Snapshot> SnapshotAsync(CancellationToken cancellationToken = default) =>
        Task.Run(TakeSnapshot, cancellationToken);

    /// <summary>
    /// Closes the container, after a last snapshot of what was written if the kernel's options say so.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when leases outlast the limit, or why the snapshot failed. The container
    /// stays open then, with all that was written; <see cref="Abandon"/> closes it without.
    /// </exception>
    public void Dispose() => Close(saves: _kernel.Options.SnapshotOnDispose);

    /// <summary>Closes the container and drops what was written since the last snapshot.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when leases outlast the limit.
    /// </exception>
    public void Abandon() => Close(saves: false);

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    private void Close(bool saves)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            if (saves && !IsReadOnly && _memory.CountWritten() > 0)
            {
                CutUnsynchronized();
            }

            if (!_memory.TryEndLeases(_kernel.Options.LeaseLimit))
            {
                throw new KernelException(
                    Status.LeasesOutstanding,
                    $"container '{Name}': leases were still held after "
                        + $"{_kernel.Options.LeaseLimit.TotalMilliseconds:F0} ms");
            }

            _isDisposed = true;
            _memory.Dispose();
        }

        _kernel.Forget(this, _memory);
    }

    private Snapshot CutUnsynchronized()
    {
        StateInterval closing = _interval;
        _interval = closing.Next;                                   // burnt if the cut fails: numbers are never reused
        return Cut.Make(_memory, closing, _kernel.Options.LeaseLimit);
    }
}
