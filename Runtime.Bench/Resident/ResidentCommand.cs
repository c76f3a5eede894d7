using System.CommandLine;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Runtime.Bench.Resident;

/// <summary>The verb <c>resident</c>: BenchmarkDotNet over resident memory, one line of JSON for each side.</summary>
internal static class ResidentCommand
{
    private const int Turns = 15;
    private const int QuickTurns = 3;

    internal static Command Create()
    {
        var isQuick = new Option<bool>("--quick") { Description = "Fewer turns." };
        var command = new Command("resident", "Times accesses to resident memory.") { isQuick };
        command.SetAction(arguments => Run(arguments.GetValue(isQuick)));
        return command;
    }

    private static int Run(bool isQuick)
    {
        Type[] types = [typeof(EightBytes), typeof(BulkCopies), typeof(TightLoop)];
        Summary[] summaries = BenchmarkRunner.Run(types, Configuration(isQuick));
        BenchmarkReport[] reports = [.. summaries.SelectMany(summary => summary.Reports)];
        foreach (BenchmarkReport report in reports.Where(report => report.Success))
        {
            Console.WriteLine(ToSample(report).ToJson());
        }

        string[] failed =
            [.. reports.Where(report => !report.Success).Select(report => report.BenchmarkCase.Descriptor.DisplayInfo)];
        if (failed.Length > 0)
        {
            Console.Error.WriteLine($"no result from {string.Join(", ", failed)}");
        }

        return failed.Length > 0 || reports.Length == 0 ? 1 : 0;
    }

    /// <summary>
    /// In this process, since a project made up on the fly would need a restore of its own. The sides follow each other
    /// again and again, for half a second each, so that what else the machine does meets all of them; the
    /// warm-up of the first turn outlasts the delay of tiered compilation.
    /// </summary>
    private static ManualConfig Configuration(bool isQuick)
    {
        Job job = Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithIterationTime(TimeInterval.FromMilliseconds(10))
            .WithUnrollFactor(1)
            .WithIterationCount(15);
        return ManualConfig.CreateEmpty()
            .AddJob([.. Enumerable.Range(1, isQuick ? QuickTurns : Turns)
                .Select(turn => job.WithWarmupCount(turn == 1 ? 120 : 20).WithId($"turn {turn:00}"))])
            .AddLogger(new StreamLogger(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true }))
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "BenchmarkDotNet"));
    }

    private static Sample ToSample(BenchmarkReport report)
    {
        var peer = report.BenchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<PeerAttribute>()!;
        return new Sample
        {
            Side = peer.Side,
            Way = peer.Way,
            Workload = peer.Workload,
            Cores = Environment.ProcessorCount,
            Count = peer.Count * report.AllMeasurements.Where(IsResult).Sum(measurement => measurement.Operations),
            Ns = report.ResultStatistics!.Median / peer.Count,
            MeanNs = report.ResultStatistics.Mean / peer.Count,
            AllocatedBytes = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase),
        };
    }

    private static bool IsResult(Measurement measurement) =>
        measurement.Is(IterationMode.Workload, IterationStage.Result);
}
