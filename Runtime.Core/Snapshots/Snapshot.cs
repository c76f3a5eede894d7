namespace Runtime.Core.Snapshots;

/// <summary>A cut that was made: readable at once, and saved in the background.</summary>
/// <remarks>Thread safe.</remarks>
public sealed class Snapshot
{
    private readonly Task _durable;
    private volatile PendingSnapshot? _pending;                     // until it has ended

    internal Snapshot(SnapshotInfo info, Task durable)
    {
        Info = info;
        _durable = durable;
    }

    /// <summary>What the history says of it.</summary>
    public SnapshotInfo Info { get; }

    /// <summary>The interval that the cut closed.</summary>
    public StateInterval Interval => Info.Interval;

    /// <summary>Whether it now survives power loss.</summary>
    public bool IsDurable => _durable.IsCompletedSuccessfully;

    /// <summary>
    /// Whether it could not be saved: then there is no such snapshot, and the next one saves its pages.
    /// </summary>
    public bool IsFailed => _durable.IsFaulted;

    /// <summary>
    /// Completes when the snapshot survives power loss; cancelling the wait does not cancel the saving.
    /// </summary>
    /// <exception cref="KernelException">
    /// The snapshot could not be saved, for the reason given, often a <see cref="VolumeException"/>. Memory and every
    /// older snapshot are what they were.
    /// </exception>
    public Task WaitForDurableAsync(CancellationToken cancellationToken = default)
    {
        _pending?.Hurry();
        return _durable.WaitAsync(cancellationToken);
    }

    /// <inheritdoc cref="WaitForDurableAsync"/>
    /// <remarks>
    /// A thread that cannot be cancelled may do the saving itself, and then comes back when its manager does.
    /// </remarks>
    public void WaitForDurable(CancellationToken cancellationToken = default)
    {
        if (!cancellationToken.CanBeCanceled)
        {
            Wait();
        }

        WaitForDurableAsync(cancellationToken).GetAwaiter().GetResult();
    }

    /// <summary>Whether it was saved or has failed.</summary>
    internal bool HasEnded => _durable.IsCompleted;

    /// <summary>What is to be saved; null once that has ended.</summary>
    internal PendingSnapshot? Pending => _pending;

    /// <param name="pending">How it is to be saved; null once that has ended.</param>
    internal void SavedAs(PendingSnapshot? pending) => _pending = pending;

    /// <summary>
    /// As <see cref="WaitForDurable"/>, for a thread that holds what others need: no manager that hangs must keep it.
    /// </summary>
    internal void WaitForDurableByOthers()
    {
        WaitForOthers();
        _durable.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the saving to end, however it ends; the saving may be done here.</summary>
    internal void Wait()
    {
        _pending?.SaveNow();
        WaitForOthers();
    }

    /// <summary>Waits for others to have saved it, or failed to.</summary>
    internal void WaitForOthers()
    {
        _pending?.Hurry();
        if (!HasEnded)
        {
            ((IAsyncResult)_durable).AsyncWaitHandle.WaitOne();         // without spinning: others need the processor
        }
    }
}
