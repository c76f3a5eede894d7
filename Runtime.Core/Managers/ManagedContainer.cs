namespace Runtime.Core.Managers;

/// <summary>A manager's answer when it takes a container on.</summary>
/// <param name="Token">By this the kernel names the container in every later upcall; chosen by the manager.</param>
/// <param name="Length">Bytes, at the opened version.</param>
/// <param name="OpenInterval">The interval that now executes: one more than the newest ever issued.</param>
public readonly record struct ManagedContainer(Token Token, long Length, StateInterval OpenInterval)
{
    /// <summary>The stable snapshot with whose content the container begins; 0 for none.</summary>
    public StateInterval Baseline { get; init; }

    /// <summary>Which intervals the manager can bring back.</summary>
    public ServiceLevel Level { get; init; } = ServiceLevel.Snapshotting;

    /// <summary>
    /// Whether nobody may write the container: then writes, cuts and changes of its length are refused with
    /// <see cref="Status.PermissionDenied"/>, and the manager is not asked. Older versions always are.
    /// </summary>
    public bool IsReadOnly { get; init; }
}
