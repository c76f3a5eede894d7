using Runtime.Core.Faults;
using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <summary>Leasing ranges of a container.</summary>
public sealed partial class ContainerView
{
    /// <summary>Brings the range in, pins it and hands it out; inside the lease nothing faults.</summary>
    /// <param name="offset">Any byte offset.</param>
    /// <param name="length">Bytes, 1 to <see cref="int.MaxValue"/>.</param>
    /// <param name="access"><see cref="Access.Write"/> makes the span writable and delays cuts until disposed.</param>
    public Lease Lease(long offset, int length, Access access)
    {
        CheckLease(offset, length, access);
        LeaseHolder? holder = access == Access.Write ? LeaseHolder.Current : null;
        return Take(offset, length, access, holder);
    }

    /// <inheritdoc cref="Lease"/>
    /// <param name="offset">Any byte offset.</param>
    /// <param name="length">Bytes, 1 to <see cref="int.MaxValue"/>.</param>
    /// <param name="access"><see cref="Access.Write"/> makes the span writable and delays cuts until disposed.</param>
    /// <param name="cancellationToken">Ends the wait; pages that are being brought in come all the same.</param>
    public ValueTask<Lease> LeaseAsync(
        long offset, int length, Access access, CancellationToken cancellationToken = default)
    {
        CheckLease(offset, length, access);
        cancellationToken.ThrowIfCancellationRequested();
        LeaseHolder? holder = access == Access.Write ? LeaseHolder.Current : null;
        if (PartsOf(offset, length).IsGranted(access))
        {
            return ValueTask.FromResult(Take(offset, length, access, holder));
        }

        // A wait that was cancelled leaves a lease that nobody asks for any more: it is disposed when it comes.
        Task<Lease> taken = Task.Run(() => Take(offset, length, access, holder), CancellationToken.None);
        return new ValueTask<Lease>(cancellationToken.CanBeCanceled ? WaitAsync(taken, cancellationToken) : taken);
    }

    private static async Task<Lease> WaitAsync(Task<Lease> taken, CancellationToken cancellationToken)
    {
        try
        {
            return await taken.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = taken.ContinueWith(
                static lease => lease.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw;
        }
    }

    private void CheckLease(long offset, int length, Access access)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        CheckRange(offset, length);
        if (access is not (Access.Read or Access.Write))
        {
            throw new ArgumentOutOfRangeException(nameof(access), access, "a lease reads or writes");
        }

        if (access == Access.Write && _memory.IsReadOnly)
        {
            throw new ContainerFaultException(_memory.Name, (ulong)offset, access, Status.PermissionDenied);
        }
    }

    private Lease Take(long offset, int length, Access access, LeaseHolder? holder)
    {
        LeaseParts parts = Hold(offset, length, access, holder);
        holder?.Add();
        return new Lease(_memory, parts, _window, offset, length, access, holder);
    }

    /// <summary>Brings pages in and pins them, counted as a lease.</summary>
    private LeaseParts Hold(long offset, long length, Access access, LeaseHolder? holder)
    {
        long deadlineMs = Environment.TickCount64 + _memory.FaultDeadlineMs;
        LeaseParts parts = Enter(offset, length, access, deadlineMs);
        Status status = Status.ContainerGone;
        LeasePart failed = parts[0];
        try
        {
            if (!_window.Window.IsClosed)
            {
                status = parts.Hold(access, holder is { HoldsAny: true }, deadlineMs, out failed);
            }
        }
        finally
        {
            if (status != Status.Success)
            {
                parts.Leave();
                _memory.Leases.Leave();
            }
        }

        if (status != Status.Success)
        {
            long first = failed.Page * PageNumber.Size + (failed == parts[0] ? offset % PageNumber.Size : 0);
            throw FaultFailure.ToException(_memory, failed.Owner, (ulong)first, access, status);
        }

        return parts;
    }

    /// <summary>Counts a lease in, at the container and at those that are mapped in its range.</summary>
    private LeaseParts Enter(long offset, long length, Access access, long deadlineMs)
    {
        while (true)
        {
            if (!_memory.TryEnterLease(deadlineMs))
            {
                Status refusal = _memory.IsClosed ? Status.ContainerGone : Status.DeadlineExceeded;
                throw FaultFailure.ToException(_memory, _memory, (ulong)offset, access, refusal);
            }

            LeaseParts parts = PartsOf(offset, length);
            if (parts.Enter() is not { } stopped)
            {
                return parts;
            }

            _memory.Leases.Leave();
            if (!stopped.WaitForLeases(deadlineMs))
            {
                Status refusal = stopped.IsClosed ? Status.ContainerGone : Status.DeadlineExceeded;
                throw FaultFailure.ToException(_memory, stopped, FirstOf(parts, stopped), access, refusal);
            }
        }
    }

    private static ulong FirstOf(LeaseParts parts, ContainerMemory owner)
    {
        int index = 0;
        while (parts[index].Owner != owner)
        {
            index++;
        }

        return (ulong)(parts[index].Page * PageNumber.Size);
    }

    private LeaseParts PartsOf(long offset, long length) =>
        LeaseParts.Of(_window, offset / PageNumber.Size, Containers.Lease.PagesOf(offset, length));
}
