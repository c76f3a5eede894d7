namespace Runtime.Stores.Volumes;

/// <content>Verifying.</content>
public sealed partial class Volume
{
    /// <summary>Reads every block that the newest commit needs and checks it; commits may go on beside it.</summary>
    /// <remarks>
    /// Memory grows with the blocks in use, one bit each. A container deleted meanwhile may be reported as damage.
    /// </remarks>
    public VolumeReport Verify(
        IProgress<VolumeProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using BlockStore.ReadPin pin = _store.Pin();
        return _store.Verify(progress, cancellationToken);
    }
}
