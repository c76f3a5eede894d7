using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool.Faults;

namespace Runtime.Tool.Stats;

/// <summary>
/// What a workload did since it began, and what its container and kernel said then; the blocks are there if they were
/// asked for.
/// </summary>
internal sealed record StatsReport(
    string Engine,
    long ContainerPages,
    double Seconds,
    long Reads,
    long Writes,
    long Snapshots,
    ContainerStatistics Container,
    PageStates Pages,
    KernelStatistics Kernel,
    long VolumeBlocksInUse,
    TrapCounts Faults,
    long? PagesPerBlock,
    IReadOnlyList<PageStates>? Blocks);
