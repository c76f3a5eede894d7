using System.Text.Json;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class DeleteVerbTests : VolumeTests
{
    [Test]
    public async Task A_container_goes_with_its_versions_and_the_others_stay()
    {
        await ImportAsync("b", "text");
        await ImportAsync("c", SomeBytes(10_000));
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "x");
        KatydidRun run = await RunToSuccessAsync("delete", "--container", "c");
        Assert.That(run.Output, Does.Match(@"^deleted 'c' with 2 versions: [1-9].* freed\n$"));
        JsonElement[] list = [.. (await RunToJsonAsync("list")).EnumerateArray()];
        Assert.That(list.Select(entry => entry.GetProperty("name").GetString()), Is.EqualTo(["b"]));
        Assert.That(await ExportAsync("b"), Is.EqualTo("text"u8.ToArray()));
        await RunToSuccessAsync("verify");
    }

    [Test]
    public async Task It_says_how_much_became_free()
    {
        await ImportAsync("c", SomeBytes(100_000));
        JsonElement report = await RunToJsonAsync("delete", "--container", "c");
        Assert.That(report.GetProperty("container").GetString(), Is.EqualTo("c"));
        Assert.That(report.GetProperty("versions").GetInt64(), Is.EqualTo(1));
        Assert.That(report.GetProperty("bytesFreed").GetInt64(), Is.GreaterThanOrEqualTo(100_000));
    }

    [Test]
    public async Task While_the_volume_is_in_use_it_is_refused()
    {
        await ImportAsync("c", "text");
        await using (Kernel kernel = await VolumeSession.OpenAsync(Volume, CancellationToken.None))
        {
            KatydidRun run = await RunAsync("delete", "--container", "c");
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure), run.ToString());
            Assert.That(run.Error, Does.Contain(Volume));
        }

        Assert.That(await ExportAsync("c"), Is.EqualTo("text"u8.ToArray()));
    }

    [Test]
    public async Task A_deletion_that_is_cancelled_deletes_nothing()
    {
        await ImportAsync("c", "text");
        KatydidRun run = await KatydidRun.RunAsync(
            ["delete", "--container", "c", "--volume", Volume], new CancellationToken(canceled: true));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Cancelled), run.ToString());
        Assert.That(await ExportAsync("c"), Is.EqualTo("text"u8.ToArray()));
    }

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'd'; 'katydid list' shows what there is", "delete", "--container", "d");
    }

    [Test]
    public Task Without_a_volume_it_is_refused() => RunToRefusalAsync(
        $"there is no volume at '{Volume}'; 'katydid import' creates one", "delete", "--container", "c");
}
