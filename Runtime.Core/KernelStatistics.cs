namespace Runtime.Core;

/// <summary>What a kernel uses of its memory budget now, all containers together, and what it did for it.</summary>
/// <param name="MemoryBudget">Bytes that it may use, in whole pages.</param>
/// <param name="MemoryInUse">
/// Bytes that pages, copies and transfers take; for moments more than the budget, where somebody must not wait.
/// </param>
/// <param name="ForcedPages">
/// Pages that were taken, since boot, from managers which did not give as many as they were asked for.
/// </param>
/// <param name="OverdueDiscards">
/// How often, since boot, a manager was asked for pages and did not answer within
/// <see cref="KernelOptions.PageDiscardLimit"/>.
/// </param>
/// <param name="Spills">
/// Pages that were put aside on the home volume, since boot, because their managers did not take them.
/// </param>
/// <param name="SpilledPages">How many of them are there now.</param>
public readonly record struct KernelStatistics(
    long MemoryBudget, long MemoryInUse, long ForcedPages, long OverdueDiscards, long Spills, long SpilledPages);
