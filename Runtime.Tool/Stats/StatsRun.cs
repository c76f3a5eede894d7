using System.Diagnostics;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Tool.Faults;
using Runtime.Tool.Output;

namespace Runtime.Tool.Stats;

/// <summary>A workload on a volume of its own, looked at once a second.</summary>
internal sealed class StatsRun
{
    // So much more than memory holds that pages must leave, but not more than a temporary directory bears.
    private const int BudgetsInContainer = 4;
    private const long LargestContainer = 1L << 30;

    private const string Name = "workload";

    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly KernelSession _session;
    private readonly Container _container;
    private readonly StoreWorkload _workload;
    private readonly long _pagesPerBlock;
    private readonly bool _withBlocks;

    private StatsRun(KernelSession session, Container container, StoreWorkload workload, bool withBlocks)
    {
        _session = session;
        _container = container;
        _workload = workload;
        _withBlocks = withBlocks;
        _pagesPerBlock = BlockPicture.PagesPerBlock(PageNumber.CountFor(container.Length), StatsPicture.MostBlocks);
    }

    /// <summary>Runs the workload, and reports after each second until the last or until it is cancelled.</summary>
    /// <param name="engine">The trap engine; null for the default one.</param>
    /// <param name="memoryBudget">The kernel's, in bytes.</param>
    /// <param name="seconds">How long; null for until it is cancelled.</param>
    /// <param name="withBlocks">Whether the reports say where in the container the pages are.</param>
    /// <param name="report">Receives a report each second.</param>
    /// <param name="cancellationToken">Ends it early, without an exception once the workload runs.</param>
    /// <returns>The last report, made when the workload has ended.</returns>
    internal static async Task<StatsReport> RunAsync(
        TrapEngine? engine,
        long memoryBudget,
        int? seconds,
        bool withBlocks,
        Action<StatsReport> report,
        CancellationToken cancellationToken)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("katydid-stats-");
        try
        {
            await using KernelSession session = await KernelSession.OpenOrCreateAsync(
                directory.FullName, engine, memoryBudget, cancellationToken);
            long length = Math.Min(memoryBudget * BudgetsInContainer, LargestContainer);
            await using Container container = await session.Kernel.OpenContainerAsync(
                Name, length, cancellationToken: cancellationToken);
            await using var workload = new StoreWorkload(session.Kernel, container);
            var run = new StatsRun(session, container, workload, withBlocks);
            await run.WatchAsync(seconds, report, cancellationToken);
            await workload.EndAsync();
            return run.Look();
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private async Task WatchAsync(int? seconds, Action<StatsReport> report, CancellationToken cancellationToken)
    {
        for (int second = 1; seconds is null || second <= seconds; second++)
        {
            TimeSpan wait = TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(_started);
            Task tick = Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, cancellationToken);
            await Task.WhenAny(tick, _workload.Completion);
            if (cancellationToken.IsCancellationRequested || _workload.Completion.IsCompleted)
            {
                return;
            }

            report(Look());
        }
    }

    private StatsReport Look()
    {
        IReadOnlyList<PageStates> blocks = _container.CountPages(_pagesPerBlock);
        return new StatsReport(
            _session.Kernel.Engine.Name,
            PageNumber.CountFor(_container.Length),
            Stopwatch.GetElapsedTime(_started).TotalSeconds,
            _workload.Reads,
            _workload.Writes,
            _workload.Snapshots,
            _container.Statistics,
            blocks.Aggregate(static (left, right) => left + right),
            _session.Kernel.Statistics,
            _session.Volume.Statistics.InUse,
            TrapFacts.Counts(),
            _withBlocks ? _pagesPerBlock : null,
            _withBlocks ? blocks : null);
    }
}
