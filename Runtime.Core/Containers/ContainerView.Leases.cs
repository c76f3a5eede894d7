using Runtime.Core.Faults;

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
        if (_memory.IsGranted(offset / PageNumber.Size, Containers.Lease.PagesOf(offset, length), access)
            && !_memory.Gate.IsCutting)
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
        if (!_memory.TryEnterLease())
        {
            Status refusal = _memory.IsClosed ? Status.ContainerGone : Status.DeadlineExceeded;
            throw FaultFailure.ToException(_memory, (ulong)offset, access, refusal);
        }

        bool isCounted = false;
        Status status = Status.DeadlineExceeded;
        try
        {
            isCounted = access == Access.Write
                && _memory.Gate.TryEnterLease(holder!.HoldsAny, Environment.TickCount64 + _memory.DeadlineMs);
            if (_window.IsClosed)
            {
                status = Status.ContainerGone;
            }
            else if (isCounted || access == Access.Read)
            {
                long pages = Containers.Lease.PagesOf(offset, length);
                status = _memory.PinRange(_window, offset / PageNumber.Size, pages, access);
            }
        }
        finally
        {
            if (status != Status.Success)
            {
                if (isCounted)
                {
                    _memory.Gate.LeaveLease();
                }

                _memory.Leases.Leave();
            }
        }

        if (status != Status.Success)
        {
            throw FaultFailure.ToException(_memory, (ulong)offset, access, status);
        }

        holder?.Add();
        return new Lease(_memory, _window, offset, length, access, holder);
    }
}
