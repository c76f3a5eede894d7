using System.Globalization;

namespace Runtime.Bench.Reports;

/// <summary>Writes docs/results.md.</summary>
internal sealed partial class ReportWriter(TextWriter output, Results results, TestOutputs? tests)
{
    internal void Write(string command, string commit)
    {
        output.WriteLine(
            """
            # Results

            Written by `scripts/bench.sh`; run it again rather than edit this.

            ## How to read

            Both sides of a comparison ran alternately, A B A B, on the machine below, once pinned to one core and once
            to two. A time is the median over all runs of a side. A ratio is the median over pairs of neighbouring runs,
            with the least and the greatest pair in parentheses: where these lie far apart the machine was busy, and
            only the median means anything. Compare ratios between machines, never times. Below 1.00 × is faster than
            the peer.

            Whether a goal is met is computed from the unrounded medians, and of several rows the worst decides.
            """);
        Heading("Where and when");
        Table(
            ["", ""],
            [["command", $"`{command}`"], ["commit", commit],
                .. Machine.Facts.Select(fact => new[] { fact.Name, fact.Value })]);
        WriteGoals();
        WriteFaults();
        WriteThreads();
        WriteResident();
        WriteReads();
        WriteCuts();
        WriteDurables();
        WriteFirstWrites();
        WriteCommits();
        WriteOpenings();
        WriteLimits();
        WriteInvocations();
        WriteMappings();
        WriteRemote();
        WriteDurability();
        WriteWine();
    }

    private void WriteGoals()
    {
        Heading("Goals");
        Table(["", "goal", "measured", "met"], Goal.All.Select(goal =>
        {
            Verdict? verdict = goal.Judge?.Invoke(results);
            string missing = goal.Judge is null ? "not measured in this stage" : "not measured in this run";
            string met = verdict?.IsMet switch { true => "yes", false => "**no**", null => "–" };
            return new[] { goal.What, goal.Target, verdict?.Measured ?? missing, met };
        }));
    }

    private void WriteFaults()
    {
        Heading("One fault, resident page");
        output.WriteLine(
            """
            A page is in memory but closed; a write to it faults, the handler opens the page, and the write is
            repeated. The peers and `Protect` open it by `mprotect`, `Userfault` by `UFFDIO_CONTINUE`. 65,536 pages in a
            full run, in 1 window or dealt out to 101. Alternating: even pages, then odd ones, a quarter of them at a
            time, so that each `mprotect` splits a mapping. Accessor and native section are served on the faulting
            thread; raw managed and unmarked native are posted to another thread, hence two cores or a wait.
            Memory is a memfd, mapped shared, unless it says private.
            """);
        output.WriteLine();
        Table(
            ["cores", "pattern", "windows", "who", "ns", "× libsigsegv", "bytes allocated"],
            results.Where(sample =>
                sample is { Areas: > 0, Threads: 1 } && Peers.IsOfLinux(sample) && !IsForThreads(sample))
                .OrderBy(series => series.Subject.Cores)
                .ThenByDescending(series => series.Subject.Workload)
                .ThenBy(series => series.Subject.Areas)
                .Select(series => new[]
                {
                    Text(series.Subject.Cores),
                    series.Subject.Workload,
                    Text(series.Subject.Areas),
                    series.Subject.Memory == "private" ? $"{series.Who}, private" : series.Who,
                    Text(series.Ns, "F0"),
                    Text(Peers.OverLibsigsegv(results, series)),
                    series.AllocatedBytes is long bytes ? Text(bytes) : "–",
                }));
    }

    private void WriteThreads()
    {
        Heading("Two threads faulting in separate windows");
        output.WriteLine(
            "The same faults, shared between two threads. The time is the whole run's, divided by its faults.");
        output.WriteLine();
        Table(
            ["who", "ns, one thread", "ns, two threads", "speed-up"],
            results.Where(sample => sample is { Threads: 2, Cores: 2 } && Peers.IsOfLinux(sample))
                .Select(series => new[]
            {
                series.Who,
                Text(results.Find(series.Subject with { Threads = 1 })?.MeanNs, "F0"),
                Text(series.MeanNs, "F0"),
                Text(Peers.SpeedUp(results, series)),
            }));
    }

    private void WriteResident()
    {
        Heading("Resident memory");
        output.WriteLine(
            "16 KiB that every side has in memory and in the nearest cache, so that the access itself is measured.");
        output.WriteLine();
        Table(
            ["cores", "operation", "who", "ns", "× array", "times faster than MemoryMappedViewAccessor",
                "bytes allocated"],
            results.Where(sample => sample is { Areas: 0, Topic: null })
                .OrderBy(series => series.Subject.Cores)
                .Select(series => new[]
                {
                    Text(series.Subject.Cores),
                    series.Subject.Workload,
                    series.Who,
                    Text(series.Ns, "F2"),
                    Text(Peers.OverArray(results, series)),
                    Text(Peers.GainOverMapped(results, series)),
                    series.AllocatedBytes is long bytes ? Text(bytes) : "–",
                }));
    }

    private void WriteDurability()
    {
        if (tests is null)
        {
            return;
        }

        Heading("Crashes, failures, changed bytes and kills");
        output.WriteLine(
            $"What the tests of durability.md counted in the run of `scripts/test.sh` that began {tests.When}.");
        output.WriteLine();
        Table(
            ["tests", "counted", "result"],
            tests.All.Select(each => new[] { each.Fixture, each.Text.Replace("|", "/"), each.Result }));
    }

    private void WriteWine()
    {
        IReadOnlyList<Series> series = results.Where(sample => sample.Engine == "Vectored");
        if (series.Count == 0)
        {
            return;
        }

        Heading("The Windows build under Wine");
        output.WriteLine(
            "For information: Wine makes an access violation out of a signal, so this says nothing about Windows.");
        output.WriteLine();
        Table(
            ["pattern", "windows", "who", "ns", "bytes allocated"],
            series.Select(each => new[]
            {
                each.Subject.Workload,
                Text(each.Subject.Areas),
                each.Who,
                Text(each.Ns, "F0"),
                each.AllocatedBytes is long bytes ? Text(bytes) : "–",
            }));
    }

    /// <summary>Two areas are there for the comparison of one thread with two.</summary>
    private static bool IsForThreads(Sample sample) => sample.Areas == 2;

    private void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine($"## {text}");
        output.WriteLine();
    }

    private void Table(string[] header, IEnumerable<string[]> rows)
    {
        Row(header);
        Row([.. header.Select(_ => "---")]);
        foreach (string[] row in rows)
        {
            Row(row);
        }
    }

    private void Row(string[] cells) => output.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Text(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Text(Ratio? ratio) => ratio?.ToString() ?? "–";
}
