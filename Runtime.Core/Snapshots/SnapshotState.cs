namespace Runtime.Core.Snapshots;

/// <summary>What there is of a closed interval: the answer of <c>state_interval_query</c>.</summary>
public enum SnapshotState
{
    /// <summary>No snapshot.</summary>
    None = 0,

    /// <summary>One that exists in memory at least; a crash may take it.</summary>
    Volatile = 1,

    /// <summary>One that is on stable storage.</summary>
    Stable = 2,

    /// <summary>One that is on stable storage and is what a recovery goes back to.</summary>
    Recoverable = 3,
}
