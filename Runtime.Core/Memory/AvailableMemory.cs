using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>How much memory a kernel may take if nobody says.</summary>
internal static class AvailableMemory
{
    private const long MiB = 1L << 20;
    private const long FallBack = 1024 * MiB;

    /// <summary>
    /// Smaller budgets are refused: on Windows 64 chunks, since memory comes and goes by chunk there.
    /// </summary>
    internal static long LeastBudget => OperatingSystem.IsWindows() ? 64 * MiB : MiB;

    /// <summary>
    /// In a cgroup a quarter of its limit, since the collector takes up to three quarters; otherwise half of what is
    /// available now.
    /// </summary>
    internal static long DefaultBudget => Choose(CgroupMemory.Read()?.LimitBytes, MachineMemory.ReadAvailable());

    /// <summary>The default for a limit and for what is available; null for what the system does not say.</summary>
    internal static long Choose(long? limit, long? available) =>
        Math.Max(Math.Min(limit / 4 ?? long.MaxValue, (available ?? FallBack) / 2), LeastBudget);
}
