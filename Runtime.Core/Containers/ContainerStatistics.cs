namespace Runtime.Core.Containers;

/// <summary>Counters of one open container, since it was opened.</summary>
/// <param name="ReadFaults">Faults on reads, served.</param>
/// <param name="WriteFaults">Faults on writes, served.</param>
/// <param name="Upcalls">Calls of the manager's <c>container_fault</c>.</param>
/// <param name="ResidentPages">Pages in memory now.</param>
/// <param name="DirtyPages">Pages written in the open interval; they are counted when asked for.</param>
/// <param name="Evictions">Pages that left memory for want of it.</param>
/// <param name="Copies">Pages copied aside because they were written before they were saved.</param>
/// <param name="Prefetched">Pages brought in before anybody asked for them.</param>
/// <param name="Forced">Pages that were taken from its manager, which did not give enough.</param>
/// <param name="Spills">Dirty pages that were put aside on the home volume; counted as evicted, too.</param>
/// <param name="SpilledPages">How many of them are there now.</param>
public readonly record struct ContainerStatistics(
    long ReadFaults,
    long WriteFaults,
    long Upcalls,
    long ResidentPages,
    long DirtyPages,
    long Evictions,
    long Copies,
    long Prefetched,
    long Forced,
    long Spills,
    long SpilledPages);
