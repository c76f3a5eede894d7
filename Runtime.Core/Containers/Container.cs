using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core.Containers;

/// <summary>A large sparse region of memory that outlives the process.</summary>
/// <remarks>Thread safe. Dispose closes it; late accesses throw <see cref="ObjectDisposedException"/>.</remarks>
public sealed partial class Container : IDisposable, IAsyncDisposable
{
    private readonly Lock _lock = new();                            // one cut or close at a time; guards _interval
    private readonly Kernel _kernel;
    private readonly ContainerMemory _memory;
    private StateInterval _interval;
    private bool _isDisposed;

    internal Container(
        Kernel kernel,
        ContainerRecord record,
        ContainerMemory memory,
        StateInterval interval,
        ContainerEntity? entity)
    {
        Entity = entity;
        _kernel = kernel;
        _memory = memory;
        _interval = interval;
        Record = record;
        View = new ContainerView(memory, memory.Windows.Main);
    }

    /// <summary>The name, unique within the volume.</summary>
    public string Name => Record.Name;

    /// <summary>The length in bytes.</summary>
    public long Length => _memory.Length;

    /// <summary>The length in bytes to which it can grow while it is open.</summary>
    public long MaximumLength => _memory.MaximumLength;

    /// <summary>
    /// Whether nobody may write it: it is an older version, or its manager has it for reading only.
    /// </summary>
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

    /// <summary>Opens the container's bytes as a stream; any number at once.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.PermissionDenied"/> to write a read-only container.
    /// </exception>
    public ContainerStream OpenStream(Access access = Access.Write)
    {
        if (access is not (Access.Read or Access.Write))
        {
            throw new ArgumentOutOfRangeException(nameof(access), access, "a stream reads or writes");
        }

        return access == Access.Write && IsReadOnly
            ? throw new KernelException(
                Status.PermissionDenied, $"container '{Name}' is read-only")
            : new ContainerStream(this, access);
    }

    /// <summary>How many faults it has taken and pages it holds.</summary>
    public ContainerStatistics Statistics => new(
        _memory.ReadFaults,
        _memory.WriteFaults,
        _memory.Upcalls,
        _memory.ResidentPages,
        _memory.CountWritten(),
        _memory.Evictions,
        _memory.Copies,
        _memory.Prefetched,
        _memory.Forced,
        _memory.Spills,
        _memory.SpilledPages);

    internal ContainerRecord Record { get; private set; }

    internal ContainerMemory Memory => _memory;

    /// <summary>
    /// Cuts the container at one instant for every thread; what was written since the last cut is saved in the
    /// background.
    /// </summary>
    /// <returns>The snapshot, readable at once and durable later.</returns>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when write leases outlast the limit, <see cref="Status.Busy"/> when the
    /// calling thread holds one, <see cref="Status.PermissionDenied"/> on a read-only container; whatever the manager
    /// answered otherwise. Memory stays as it is, and the next cut saves what this one did not.
    /// </exception>
    public Snapshot TakeSnapshot() => _kernel.TakeSnapshot([this])[0];

    /// <inheritdoc cref="TakeSnapshot"/>
    public Task<Snapshot> SnapshotAsync(CancellationToken cancellationToken = default) =>
        Task.Run(TakeSnapshot, cancellationToken);

    /// <summary>Makes the container longer or shorter, for the open interval; versions keep their lengths.</summary>
    /// <param name="length">
    /// Bytes, 0 to <see cref="MaximumLength"/>. New ones read as zeroes; beyond a shorter end nothing is left, also
    /// when it grows again.
    /// </param>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoResources"/> beyond the maximum, <see cref="Status.LeasesOutstanding"/> when leases outlast
    /// the limit and it would shrink, <see cref="Status.Overlap"/> when others are mapped in it beyond,
    /// <see cref="Status.PermissionDenied"/> on a read-only container, <see cref="Status.Busy"/> while a manager that
    /// was given up may still be looking at pages and it would shrink.
    /// </exception>
    public void Resize(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        lock (_lock)
        {
            ThrowUnlessWritableUnsynchronized();
            if (length > MaximumLength)
            {
                throw new KernelException(
                    Status.NoResources,
                    $"container '{Name}' cannot grow to {length} bytes: it was opened with a maximum of "
                        + $"{MaximumLength}; open it again with a larger one");
            }

            if (length < _memory.Length)
            {
                ThrowIfMappedBeyond(length);
                WithoutLeasesUnsynchronized(() =>
                {
                    WaitForSaves();                                 // pages that are being saved cannot go
                    ResizeUnsynchronized(length);
                });
            }
            else if (length > _memory.Length)
            {
                ResizeUnsynchronized(length);
            }
        }
    }

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

    /// <summary>Checks that a cut may be made, and holds the container for it until <see cref="EndCut"/>.</summary>
    internal ContainerCut BeginCut()
    {
        HoldLoci();
        _lock.Enter();
        try
        {
            ThrowUnlessWritableUnsynchronized();
            ThrowIfVolatileUnsynchronized();
            return BeginCutUnsynchronized();
        }
        catch
        {
            EndCut();
            throw;
        }
    }

    internal void EndCut()
    {
        _lock.Exit();
        ReleaseLoci();
    }

    /// <summary>Waits until every snapshot that was taken is saved, or has failed.</summary>
    internal void WaitForSaves()
    {
        foreach (PendingSnapshot pending in _memory.Pending)
        {
            pending.Snapshot.WaitForOthers();
        }
    }

    private void Close(bool saves)
    {
        HoldLoci();
        try
        {
            CloseWithoutLoci(saves);
        }
        finally
        {
            ReleaseLoci();
        }
    }

    private void CloseWithoutLoci(bool saves)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            WaitForSaves();                                         // one that fails has its pages written again
            if (saves && !IsReadOnly && _memory.Level != ServiceLevel.None
                && (_memory.HasChanged || Entity is { HasUnsavedState: true }))
            {
                _kernel.Cut([BeginCutUnsynchronized()])[0].WaitForDurable();
            }

            EndLeasesUnsynchronized();
            EndMappingsUnsynchronized();
            _isDisposed = true;
            _memory.Dispose();
            _kernel.Forget(this, _memory);                          // before anybody else takes it to be closed
        }
    }

    private void ThrowUnlessWritableUnsynchronized()
    {
        if (IsReadOnly)
        {
            throw new KernelException(
                Status.PermissionDenied, $"container '{Name}' is read-only");
        }

        ThrowIfHoldsLease();
        ThrowIfClosedUnsynchronized();
    }

    private void ThrowIfHoldsLease()
    {
        if (LeaseHolder.CurrentHoldsAny)
        {
            throw new KernelException(
                Status.Busy, $"container '{Name}': write leases must end first, and the caller holds one itself");
        }
    }

    private void ThrowIfClosedUnsynchronized()
    {
        if (_isDisposed)
        {
            throw new ObjectDisposedException(nameof(Container), $"container '{Name}' was closed");
        }
    }

    private void EndLeasesUnsynchronized()
    {
        if (!_memory.TryEndLeases(_kernel.Options.LeaseLimit))
        {
            throw new KernelException(
                Status.LeasesOutstanding,
                $"container '{Name}': leases were still held after "
                    + $"{_kernel.Options.LeaseLimit.TotalMilliseconds:F0} ms");
        }
    }

    /// <summary>Containers that show this one must not see others through it any more.</summary>
    private void EndMappingsUnsynchronized()
    {
        try
        {
            _memory.Graph.RemoveAll(_memory, _kernel.Options.LeaseLimit);
        }
        catch
        {
            _memory.ReopenLeases();
            throw;
        }
    }

    private void WithoutLeasesUnsynchronized(Action action)
    {
        EndLeasesUnsynchronized();
        try
        {
            action();
        }
        finally
        {
            _memory.ReopenLeases();
        }
    }

    private void ResizeUnsynchronized(long length)
    {
        Status status = _memory.Resize(length);
        SetLengthOfViewsUnsynchronized();
        if (status != Status.Success)
        {
            throw new KernelException(status, $"container '{Name}' cannot have {length} bytes: {status}");
        }
    }

    private void ThrowIfVolatileUnsynchronized()
    {
        if (_memory.Level == ServiceLevel.None)
        {
            throw new KernelException(
                Status.NotSupported, $"container '{Name}' is volatile: its manager keeps no snapshots of it");
        }
    }

    private ContainerCut BeginCutUnsynchronized()
    {
        StateInterval closing = _interval;
        _memory.NoteIssued(closing);
        _interval = closing.Next;                                   // burnt if the cut fails: numbers are never reused
        return new ContainerCut(_memory, closing, Entity);
    }
}
