namespace Runtime.Core.Managers;

/// <summary>
/// Which intervals of a container its manager can bring back: what <c>quality_of_service</c> declares.
/// </summary>
public enum ServiceLevel
{
    /// <summary>None: the container is volatile, has no snapshots, and what is written in it ends with it.</summary>
    None = 0,

    /// <summary>Those that a snapshot closed.</summary>
    Snapshotting = 1,

    /// <summary>Commit points that the manager announces. Not supported yet.</summary>
    Transactional = 2,

    /// <summary>Any interval that the manager reports as stable, snapshot or not. Not supported yet.</summary>
    Logging = 3,

    /// <summary>Any interval whose inputs were logged. Not supported yet.</summary>
    Deterministic = 4,
}
