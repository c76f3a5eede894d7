using Runtime.Core.Snapshots;

namespace Runtime.Stores.Managers;

/// <summary>A closed interval that is to be saved.</summary>
/// <param name="info">What its history says of it.</param>
internal sealed class PendingLayer(SnapshotInfo info)
{
    public SnapshotInfo Info => info;

    /// <summary>Pages from here on were cut off in the interval; some may have been written again since.</summary>
    public long ZeroFrom { get; set; } = long.MaxValue;
}
