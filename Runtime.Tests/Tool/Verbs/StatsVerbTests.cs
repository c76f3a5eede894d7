using System.Text.Json;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class StatsVerbTests : VolumeTests
{
    private static readonly long s_budget = OperatingSystem.IsWindows() ? 64 << 20 : 1 << 20;

    private static readonly string[] s_states = ["absent", "clean", "dirty", "unsaved"];

    [Test]
    public async Task The_summary_says_what_the_workload_did_to_its_container_and_kernel()
    {
        JsonElement report = await RunToJsonAsync("stats", "--seconds", "1", "--budget", $"{s_budget}");
        Assert.That(report.GetProperty("containerPages").GetInt64(), Is.EqualTo(4 * s_budget / 4096));
        Assert.That(report.GetProperty("reads").GetInt64(), Is.Positive);
        Assert.That(report.GetProperty("writes").GetInt64(), Is.Positive);
        JsonElement container = report.GetProperty("container");
        Assert.That(container.GetProperty("readFaults").GetInt64(), Is.Positive);
        Assert.That(container.GetProperty("writeFaults").GetInt64(), Is.Positive);
        Assert.That(report.GetProperty("kernel").GetProperty("memoryBudget").GetInt64(), Is.EqualTo(s_budget));
        Assert.That(report.GetProperty("kernel").GetProperty("memoryInUse").GetInt64(), Is.Positive);
        JsonElement pages = report.GetProperty("pages");
        long counted = s_states.Sum(state => pages.GetProperty(state).GetInt64());
        Assert.That(counted, Is.EqualTo(report.GetProperty("containerPages").GetInt64()));
        Assert.That(report.GetProperty("blocks").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task In_words_it_is_a_line_for_each_thing()
    {
        KatydidRun run = await RunToSuccessAsync("stats", "--seconds", "1", "--budget", "64MiB");
        Assert.That(run.Output, Does.Contain("\n  container  65,536 pages (256 MiB)\n"));
        Assert.That(run.Output, Does.Contain(" of a budget of 64 MiB\n").And.Contain("\n  snapshots  "));
    }

    [Test]
    public async Task Watched_it_prints_a_row_each_second_and_then_the_summary()
    {
        KatydidRun run = await RunToSuccessAsync("stats", "--watch", "--seconds", "2", "--budget", $"{s_budget}");
        string[] lines = run.Output.Split('\n');
        Assert.That(lines[0], Does.Match("^second +reads +writes .* memory$"));
        Assert.That(lines[1], Does.Match("^ +1 +[0-9]"));
        Assert.That(lines[2], Does.Match("^ +2 +[0-9]"));
        Assert.That(lines[3], Is.Empty);
        Assert.That(lines[4], Does.StartWith("  ran "));
    }

    [Test]
    public async Task Watched_by_a_machine_each_second_is_a_document_on_its_own_line()
    {
        KatydidRun run = await RunToSuccessAsync(
            "stats", "--watch", "--seconds", "2", "--budget", $"{s_budget}", "--json");
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That(
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("reads").GetInt64()), Is.Ordered);
    }

    [Test]
    public async Task With_a_map_it_draws_where_the_pages_are()
    {
        JsonElement report = await RunToJsonAsync("stats", "--seconds", "1", "--budget", $"{s_budget}", "--map");
        long pagesPerBlock = report.GetProperty("pagesPerBlock").GetInt64();
        Assert.That(
            report.GetProperty("blocks").GetArrayLength(),
            Is.EqualTo(report.GetProperty("containerPages").GetInt64() / pagesPerBlock));
        KatydidRun run = await RunToSuccessAsync("stats", "--seconds", "1", "--budget", $"{s_budget}", "--map");
        Assert.That(run.Output, Does.Contain(": . absent, C clean, D dirty, U closed but not saved, P pinned;"));
        Assert.That(run.Output, Does.Match("\n +0x0  [.cdupCDUP]{64}\n"));
    }

    [Test]
    public async Task The_engine_is_that_which_was_named()
    {
        TrapEngine engine = TrapEngine.All.Last(engine => engine.Unavailable is null);
        JsonElement report = await RunToJsonAsync(
            "stats", "--seconds", "1", "--budget", $"{s_budget}", "--engine", engine.Name);
        Assert.That(report.GetProperty("engine").GetString(), Is.EqualTo(engine.Name));
    }

    [Test]
    public async Task Cancelled_before_its_time_it_has_no_summary()
    {
        KatydidRun run = await KatydidRun.RunAsync(["stats"], new CancellationToken(canceled: true));
        Assert.That((run.ExitCode, run.Output), Is.EqualTo((ExitCode.Cancelled, "")), run.ToString());
    }
}
