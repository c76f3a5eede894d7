using System.Text.Json;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Tool.Verbs;

public class DemoVerbTests : VolumeTests
{
    [TestCase(1)]
    [TestCase(100)]
    [TestCase(3_000_001)]
    public async Task A_file_goes_through_the_whole_store(int length)
    {
        string file = WriteFile("a file", SomeBytes(length));
        KatydidRun run = await KatydidRun.RunAsync("demo", file, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        JsonElement report = JsonDocument.Parse(run.Output).RootElement;
        Assert.That(report.GetProperty("file").GetString(), Is.EqualTo(file));
        Assert.That(
            report.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()),
            Is.EqualTo(["import", "read back", "patch", "kill", "recover", "verify", "export"]));
        Assert.That(report.GetProperty("faults").GetProperty("accessor").GetInt64(), Is.Positive);
    }

    [Test]
    public async Task It_goes_through_under_every_engine()
    {
        foreach (TrapEngine engine in TrapEngine.All.Where(engine => engine.Unavailable is null))
        {
            string file = WriteFile($"under {engine}", SomeBytes(100_000));
            KatydidRun run = await KatydidRun.RunAsync("demo", file, "--engine", engine.Name);
            Assert.That(run.ExitCode, Is.Zero, run.ToString());
        }
    }

    [Test]
    public async Task A_volume_that_is_named_is_kept()
    {
        await RunToSuccessAsync("demo", WriteFile("file", SomeBytes(100_000)));
        JsonElement[] history = [.. (await RunToJsonAsync("history", "--container", "demo")).EnumerateArray()];
        Assert.That(history, Has.Length.GreaterThanOrEqualTo(5));
    }

    [Test]
    public async Task A_directory_in_use_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            $"'{Volume}' is not empty; the demo makes a volume of its own", "demo", WriteFile("file", SomeBytes(10)));
    }

    [Test]
    public async Task An_empty_file_is_refused()
    {
        string file = WriteFile("file", []);
        await RunToRefusalAsync($"'{file}' is empty; the demo needs bytes to change", "demo", file);
    }
}
