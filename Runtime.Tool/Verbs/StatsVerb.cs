using System.CommandLine;
using Runtime.Native;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Runtime.Tool.Stats;

namespace Runtime.Tool.Verbs;

/// <summary><c>stats [--watch] [--budget SIZE] [--seconds N] [--map]</c>: what a store does under a workload.</summary>
internal static class StatsVerb
{
    private const long DefaultBudget = 64L << 20;
    private const int DefaultSeconds = 5;

    internal static Verb Create(ToolConsole console)
    {
        var watch = new Option<bool>("--watch")
        {
            Description = "Print a row each second, until Ctrl-C or the last of --seconds.",
        };
        var budget = new BudgetOption($"The kernel's memory; by default {Format.Scaled(DefaultBudget)}.");
        var seconds = new CountOption(
            "--seconds",
            "seconds, at least 1",
            least: 1,
            $"How long the workload runs; by default {DefaultSeconds}, with --watch until Ctrl-C.");
        var map = new Option<bool>("--map")
        {
            Description = "Draw also which pages are absent, clean, dirty, being saved and pinned.",
        };
        var engine = new EngineOption();
        var json = new JsonOption();
        var verb = new Verb(
            "stats",
            "Run a workload of reads and writes in a kernel of its own, and show its counters.")
        {
            Notes =
            [
                "Two threads read and write pages of a container that is four times as large as the budget, at most",
                "1 GiB; two snapshots a second, of which two are kept, and a lease on 16 pages. Needs no volume: the",
                "workload has its own in the temporary directory, and deletes it. What it reads it checks.",
                "Rows of --watch count what was done in a second; with --json each is a document on a line of its own,",
                "and counts from the start. Ctrl-C ends --watch with a summary and exit code 0. With --map, P is a",
                "block whose pages are all pinned, p one of which some are; so for U, D and C, and dots are absent.",
            ],
            Examples =
            [
                "stats",
                "stats --watch --budget 64MiB",
                "stats --watch --map --seconds 10",
                $"stats --budget 256MiB {EngineOption.Example} --json",
            ],
        };
        verb.Options.Add(watch);
        verb.Options.Add(budget);
        verb.Options.Add(seconds);
        verb.Options.Add(map);
        verb.Options.Add(engine);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            var writer = new Writer(console, command.GetValue(watch), json.Get(command));
            TrapEngine? chosen = engine.Get(command);
            long bytes = budget.Get(command) ?? DefaultBudget;
            bool withBlocks = command.GetValue(map);
            writer.WriteLast(writer.IsWatching
                ? await StatsRun.RunAsync(
                    chosen, bytes, seconds.Get(command), withBlocks, writer.WriteSecond, cancellationToken)
                : await RunToTheEndAsync(
                    console, chosen, bytes, seconds.Get(command) ?? DefaultSeconds, withBlocks, cancellationToken));
            return ExitCode.Success;
        });
        return verb;
    }

    /// <summary>Interrupted, it has no summary: that would be of less than was asked for.</summary>
    private static async Task<StatsReport> RunToTheEndAsync(
        ToolConsole console,
        TrapEngine? engine,
        long budget,
        int seconds,
        bool withBlocks,
        CancellationToken cancellationToken)
    {
        StatsReport last = await console.WithFractionAsync("stats", progress => StatsRun.RunAsync(
            engine, budget, seconds, withBlocks, now => progress.Report(now.Seconds / seconds), cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return last;
    }

    private sealed class Writer(ToolConsole console, bool isWatching, bool json)
    {
        private readonly StatsRows _rows = new(console);

        internal bool IsWatching => isWatching;

        internal void WriteSecond(StatsReport report)
        {
            if (json)
            {
                console.WriteJson(report, ToolJson.Lines.StatsReport);
            }
            else
            {
                _rows.Write(report);
                DrawBlocks(report);
            }

            console.Output.Flush();
        }

        internal void WriteLast(StatsReport report)
        {
            if (json)
            {
                console.WriteJson(
                    report, isWatching ? ToolJson.Lines.StatsReport : ToolJson.Printed.StatsReport);
                return;
            }

            if (isWatching)
            {
                console.Output.WriteLine();
            }

            StatsSummary.Draw(console, report);
            DrawBlocks(report);
        }

        private void DrawBlocks(StatsReport report)
        {
            if (report is { Blocks: { } blocks, PagesPerBlock: { } pages })
            {
                StatsPicture.Draw(console, blocks, pages);
            }
        }
    }
}
