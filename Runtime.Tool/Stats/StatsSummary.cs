using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool.Output;

namespace Runtime.Tool.Stats;

/// <summary>What a workload did in all, a line for each thing.</summary>
internal static class StatsSummary
{
    internal static void Draw(ToolConsole console, StatsReport report)
    {
        ContainerStatistics container = report.Container;
        KernelStatistics kernel = report.Kernel;
        PageStates pages = report.Pages;
        Write("ran", $"{Format.Duration(TimeSpan.FromSeconds(report.Seconds))} under {report.Engine}");
        Write("container", $"{Format.Count(report.ContainerPages, "page")} ({Pages(report.ContainerPages)})");
        Write("memory", $"{Format.Scaled(kernel.MemoryInUse)} of a budget of {Format.Scaled(kernel.MemoryBudget)}");
        Write("work", $"{Format.Count(report.Reads, "read")}, {Format.Count(report.Writes, "write")}");
        Write(
            "faults",
            $"{Format.Count(container.ReadFaults)} on reads, {Format.Count(container.WriteFaults)} on writes, " +
            $"with {Format.Count(container.Upcalls, "upcall")}");
        Write(
            "pages",
            $"{Format.Count(container.Prefetched)} brought in ahead, {Format.Count(container.Evictions)} evicted, " +
            $"{Format.Count(container.Copies)} copied aside");
        Write(
            "now",
            $"{Format.Count(pages.Clean)} clean, {Format.Count(pages.Dirty)} dirty, " +
            $"{Format.Count(pages.Unsaved)} not saved, {Format.Count(pages.Pinned)} pinned, " +
            $"{Format.Count(pages.Absent)} absent");
        Write(
            "snapshots",
            $"{Format.Count(report.Snapshots)} durable; {Pages(report.VolumeBlocksInUse)} of the volume in use");
        Write("process", $"{report.Faults}");

        void Write(string name, string value) => console.Output.WriteLine($"  {name,-9}  {value}");
    }

    private static string Pages(long count) => Format.Scaled(count * PageNumber.Size);
}
