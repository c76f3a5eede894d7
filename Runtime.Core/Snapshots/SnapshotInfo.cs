namespace Runtime.Core.Snapshots;

/// <summary>One kept version of a container, as its manager's history lists it.</summary>
/// <param name="Interval">The state interval that the snapshot closed.</param>
/// <param name="Time">When the cut was made, by the clock of the machine.</param>
/// <param name="Length">The container's length in bytes.</param>
/// <param name="PagesChanged">How many pages were written in the interval.</param>
public sealed record SnapshotInfo(StateInterval Interval, DateTimeOffset Time, long Length, long PagesChanged);
