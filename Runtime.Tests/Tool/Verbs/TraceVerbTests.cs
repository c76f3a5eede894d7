using System.Text.Json;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Tests.Support;
using Runtime.Tool;
using Runtime.Tool.Output;

namespace Runtime.Tests.Tool.Verbs;

public partial class TraceVerbTests : VolumeTests
{
    private const string NotYet = " ... has not returned";

    [Test]
    public async Task The_calls_of_a_verb_are_printed_in_order_and_what_it_prints_is_untouched()
    {
        byte[] bytes = SomeBytes(6000);
        await ImportAsync("notes", bytes);

        KatydidRun run = await RunAsync("trace", "--", "export", "--container", "notes", "-");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.ToString());
        Assert.That(run.Bytes, Is.EqualTo(bytes));
        Assert.That(Calls(run.Error), Is.EqualTo(
        [
            "1 kernel → manager  open_container(\"notes\") → Success, t1",
            "2 kernel → manager  container_fault(m, t1 \"notes\", 0x0, Read) → Success",
            "3 kernel → manager  close_container(t1 \"notes\") → Success",
        ]));
    }

    [Test]
    public async Task A_write_is_seen_as_far_as_its_snapshot()
    {
        await ImportAsync("notes", SomeBytes(6000));

        KatydidRun run = await RunAsync(
            "trace", "--", "patch", "--container", "notes", "--offset", "5", "--text", "Hello");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.ToString());
        Assert.That(Calls(run.Error).Select(line => line.Split("  ")[1]), Is.EqualTo(
        [
            "open_container(\"notes\") → Success, t1",
            "container_fault(m, t1 \"notes\", 0x5, Write) → Success",
            "container_snapshot(t1 \"notes\", 2) → Success",
            "container_stabilise_request(t1 \"notes\", 2) → Success",
            "snapshot_is_recoverable(t1 \"notes\", 2) → Success",
            "close_container(t1 \"notes\") → Success",
        ]));
    }

    [Test]
    public async Task As_JSON_each_call_is_a_document_on_a_line()
    {
        await ImportAsync("notes", SomeBytes(5000));

        KatydidRun run = await RunAsync(
            "trace", "--json", "--", "patch", "--container", "notes", "--offset", "1", "--text", "a");

        JsonElement[] calls =
        [
            .. run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Where(call => call.TryGetProperty("status", out _)),
        ];
        Assert.That(
            calls.Select(call => call.GetProperty("number").GetInt64()),
            Is.EqualTo(Enumerable.Range(1, calls.Length).Select(number => (long)number)));
        JsonElement fault = calls.Single(call => call.GetProperty("call").GetString() == "container_fault");
        Assert.Multiple(() =>
        {
            Assert.That(fault.GetProperty("direction").GetString(), Is.EqualTo("KernelToManager"));
            Assert.That(fault.GetProperty("manager").GetString(), Is.EqualTo("snapshotting"));
            Assert.That(fault.GetProperty("container").GetString(), Is.EqualTo("notes"));
            Assert.That(fault.GetProperty("token").GetInt64(), Is.EqualTo(1));
            Assert.That(fault.GetProperty("machine").GetInt64(), Is.EqualTo(Environment.ProcessId));
            Assert.That(fault.GetProperty("offset").GetInt64(), Is.EqualTo(1));
            Assert.That(fault.GetProperty("access").GetString(), Is.EqualTo("Write"));
            Assert.That(fault.GetProperty("status").GetString(), Is.EqualTo("Success"));
            Assert.That(fault.GetProperty("microseconds").GetDouble(), Is.Not.Negative);
            Assert.That(fault.TryGetProperty("interval", out _), Is.False);
        });
    }

    [Test]
    public async Task Some_calls_can_be_chosen_and_keep_their_numbers()
    {
        await ImportAsync("notes", SomeBytes(6000));
        KatydidRun run = await RunAsync(
            "trace", "--calls", "container_fault,close_container", "--", "export", "--container", "notes", "-");
        Assert.That(Calls(run.Error).Select(line => line.Split(' ')[0]), Is.EqualTo(["2", "3"]));
    }

    [Test]
    public async Task It_can_go_to_a_file()
    {
        await ImportAsync("notes", SomeBytes(100));
        string file = WriteFile("calls", new byte[100_000]);

        await RunToSuccessAsync("trace", "--output", file, "--", "export", "--container", "notes", "-");

        Assert.That(Calls(File.ReadAllText(file)), Has.Exactly(3).Items);
        await RunToRefusalAsync($"'{PathOf("")}' is a directory", "trace", "--output", PathOf(""), "--", "list");
    }

    [Test]
    public async Task The_exit_code_and_the_complaint_are_those_of_the_verb()
    {
        await ImportAsync("notes", SomeBytes(100));
        await RunToRefusalAsync(
            "there is no container 'other'; 'katydid list' shows what there is",
            "trace", "--", "export", "--container", "other", "-");
        Assert.That((await RunAsync("trace", "--", "history")).ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public async Task The_volume_may_be_named_before_the_verb_and_a_second_pair_of_dashes_is_the_verb_s()
    {
        KatydidRun run = await KatydidRun.RunAsync(
            "trace", "--volume", Volume, "--", "import", "--container", "notes", WriteFile("file", SomeBytes(100)));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.ToString());
        Assert.That(await ExportAsync("notes"), Is.EqualTo(SomeBytes(100)));

        run = await KatydidRun.RunAsync(
            "trace", "--volume", Volume, "--", "import", "--container", "notes", "--", "--calls");
        Assert.That(run.Error, Is.EqualTo("katydid: there is no file '--calls'\n"));
    }

    [Test]
    public async Task A_trace_that_cannot_be_written_stops_nothing_but_is_told()
    {
        await ImportAsync("notes", SomeBytes(100));
        using var output = new MemoryStream();
        using var error = new FullWriter();
        using ToolConsole console = ToolConsole.ForStreams(output, error);
        int exitCode = await KatydidCommand.RunAsync(
            ["trace", "--", "export", "--container", "notes", "-", "--volume", Volume], console);

        Assert.That(output.ToArray(), Is.EqualTo(SomeBytes(100)));
        Assert.That(exitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(error.ToString(), Is.EqualTo("katydid: the trace is not complete: no room\n"));
    }

    [Test]
    public async Task A_trace_ends_with_its_verb()
    {
        await ImportAsync("notes", SomeBytes(100));
        await RunAsync("trace", "--", "export", "--container", "notes", "-");
        Assert.That((await RunToSuccessAsync("export", "--container", "notes", "-")).Error, Is.Empty);
    }

    [Test]
    public void Every_kernel_of_the_tool_is_booted_where_traces_are_attached()
    {
        IEnumerable<string> elsewhere = Directory.GetFiles(
                SourceTree.Combine("Runtime.Tool"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "ToolTrace.cs")
            .Where(file => File.ReadAllText(file).Contains("Kernel.Boot", StringComparison.Ordinal));
        Assert.That(elsewhere, Is.Empty);
    }

    [Test]
    public async Task The_kernels_of_samples_and_measurements_are_seen_too()
    {
        foreach (string[] verb in new string[][] { ["sample", "bank"], ["faults", "--pages", "1"] })
        {
            KatydidRun run = await RunAsync(["trace", "--calls", "container_fault", "--", .. verb]);
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.ToString());
            Assert.That(Calls(run.Error), Is.Not.Empty, verb[0]);
        }
    }

    /// <summary>
    /// Number, direction and call; every line must be one, unless a slow disk made it stand there twice.
    /// </summary>
    private static string[] Calls(string trace) =>
    [
        .. trace.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.EndsWith(NotYet)).Select(line =>
        {
            Match match = Line().Match(line);
            Assert.That(match.Success, line);
            return $"{match.Groups["number"]} {match.Groups["rest"]}".Replace(
                $"m{Environment.ProcessId}", "m", StringComparison.Ordinal);
        }),
    ];

    [GeneratedRegex(@"^ *(?<number>\d+) +\d+\.\d{3} ms \[\d+\] (?<rest>.*) \(\d+\.\d µs\)$")]
    private static partial Regex Line();

    /// <summary>Takes complaints, but not traces.</summary>
    private sealed class FullWriter : StringWriter
    {
        public FullWriter() => NewLine = "\n";

        public override void WriteLine(string? value)
        {
            if (value?.StartsWith("katydid: ", StringComparison.Ordinal) != true)
            {
                throw new IOException("no room");
            }

            base.WriteLine(value);
        }
    }
}
