using Runtime.Core.Snapshots;

namespace Runtime.Core.Managers;

/// <summary>One closed interval of those that a manager makes durable together.</summary>
/// <param name="Container">The manager's own name for the container.</param>
/// <param name="Info">What the history will say of the snapshot.</param>
public readonly record struct CommitMember(Token Container, SnapshotInfo Info);
