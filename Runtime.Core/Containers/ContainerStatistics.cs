namespace Runtime.Core.Containers;

/// <summary>Counters of one open container, since it was opened.</summary>
/// <param name="ReadFaults">Faults on reads, served.</param>
/// <param name="WriteFaults">Faults on writes, served.</param>
/// <param name="Upcalls">Calls of the manager's <c>container_fault</c>.</param>
/// <param name="ResidentPages">Pages in memory now.</param>
/// <param name="DirtyPages">Pages written in the open interval.</param>
public readonly record struct ContainerStatistics(
    long ReadFaults, long WriteFaults, long Upcalls, long ResidentPages, long DirtyPages);
