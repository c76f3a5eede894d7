using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Runtime.Core;
using Runtime.Native;
using Runtime.Tool.Arguments;
using Runtime.Tool.Faults;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tool.Verbs;

/// <summary>The latencies of one way to touch an absent page.</summary>
internal sealed record FaultWayReport(
    string Engine,
    string Way,
    string Route,
    int Pages,
    long MinimumNs,
    long MedianNs,
    long Percentile99Ns,
    long MaximumNs,
    LatencyBucket[] Buckets);

/// <summary><c>faults</c>: what a page fault costs here, by each way of touching a page.</summary>
internal static class FaultsVerb
{
    private const int DefaultPages = 2_000;
    private const int MaximumPages = 1_000_000;
    private const int ChartWidth = 100;

    internal static Verb Create(ToolConsole console)
    {
        var pages = new Option<int>("--pages")
        {
            HelpName = "N",
            Description = $"How many pages to touch by each way, 1 to {Format.Count(MaximumPages)}.",
            DefaultValueFactory = static _ => DefaultPages,
            CustomParser = ParsePages,
        };
        var engine = new EngineOption();
        var json = new JsonOption();
        var verb = new Verb(
            "faults",
            "Touch absent pages by each way there is, and show how long the first touch took.")
        {
            Notes = ["The pages come from a manager without a store: no disk is measured, and no volume is needed."],
            Examples = ["faults", "faults --pages 100000 --json", $"faults {EngineOption.Example}"],
        };
        verb.Options.Add(pages);
        verb.Options.Add(engine);
        verb.Options.Add(json);
        verb.SetAction((command, cancellationToken) =>
            RunAsync(
                console, command.GetValue(pages), engine.Get(command), json.Get(command), cancellationToken));
        return verb;
    }

    private static int ParsePages(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        bool parsed = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int pages);
        if (!parsed || pages is < 1 or > MaximumPages)
        {
            result.AddError($"'{text}' is no number of pages from 1 to {Format.Count(MaximumPages)}");
        }

        return pages;
    }

    private static async Task<int> RunAsync(
        ToolConsole console, int pages, TrapEngine? engine, bool json, CancellationToken cancellationToken)
    {
        var reports = new List<FaultWayReport>();
        await using Kernel kernel = await NumberedPagesManager.BootKernelAsync(engine, cancellationToken);
        foreach (TouchWay way in TouchWay.All)
        {
            reports.Add(await MeasureAsync(console, kernel, way, pages, cancellationToken));
        }

        if (json)
        {
            console.WriteJson([.. reports], ToolJson.Printed.FaultWayReportArray);
            return ExitCode.Success;
        }

        foreach (FaultWayReport report in reports)
        {
            Draw(console, report);
        }

        return ExitCode.Success;
    }

    private static async Task<FaultWayReport> MeasureAsync(
        ToolConsole console, Kernel kernel, TouchWay way, int pages, CancellationToken cancellationToken)
    {
        // On a thread of its own: drawing the progress must not run between a measured touch and its clock.
        LatencyHistogram latencies = await console.WithFractionAsync(way.Name, progress => Task.Run(
            () => FaultLatency.Measure(kernel, way, pages, progress, cancellationToken), cancellationToken));
        return new FaultWayReport(
            kernel.Engine.Name,
            way.Name,
            way.Route,
            pages,
            latencies.MinimumNs,
            latencies.MedianNs,
            latencies.Percentile(99),
            latencies.MaximumNs,
            latencies.Buckets());
    }

    private static void Draw(ToolConsole console, FaultWayReport report)
    {
        console.Output.WriteLine($"{report.Way}: {report.Route}; {report.Engine}");
        console.Output.WriteLine(
            $"  {Format.Count(report.Pages, "page")}: median {Format.Nanoseconds(report.MedianNs)}, " +
            $"99 % within {Format.Nanoseconds(report.Percentile99Ns)}, " +
            $"from {Format.Nanoseconds(report.MinimumNs)} to {Format.Nanoseconds(report.MaximumNs)}");
        var chart = new BarChart { Width = ChartWidth, Culture = CultureInfo.InvariantCulture };
        foreach (LatencyBucket bucket in report.Buckets)
        {
            string label = $"{Format.Nanoseconds(bucket.FromNs)} to {Format.Nanoseconds(bucket.ToNs)}";
            chart.AddItem(label, bucket.Count, Color.Green);
        }

        console.Screen.Write(chart);
        console.Output.WriteLine();
    }
}
