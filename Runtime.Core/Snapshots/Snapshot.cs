namespace Runtime.Core.Snapshots;

/// <summary>A cut that was made.</summary>
public sealed class Snapshot
{
    internal Snapshot(SnapshotInfo info, Task durable)
    {
        Info = info;
        _durable = durable;
    }

    private readonly Task _durable;

    /// <summary>What the history says of it.</summary>
    public SnapshotInfo Info { get; }

    /// <summary>The interval that the cut closed.</summary>
    public StateInterval Interval => Info.Interval;

    /// <summary>Whether it now survives power loss.</summary>
    public bool IsDurable => _durable.IsCompletedSuccessfully;

    /// <summary>
    /// Completes when the snapshot survives power loss; cancelling the wait does not cancel the saving.
    /// </summary>
    /// <exception cref="VolumeException">The snapshot could not be saved.</exception>
    public Task WaitForDurableAsync(CancellationToken cancellationToken = default) =>
        _durable.WaitAsync(cancellationToken);
}
