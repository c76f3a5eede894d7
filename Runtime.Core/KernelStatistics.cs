namespace Runtime.Core;

/// <summary>What a kernel uses of its memory budget now, all its containers together.</summary>
/// <param name="MemoryBudget">Bytes that it may use, in whole pages.</param>
/// <param name="MemoryInUse">
/// Bytes that pages, copies and transfers take; for moments more than the budget, where somebody must not wait.
/// </param>
public readonly record struct KernelStatistics(long MemoryBudget, long MemoryInUse);
