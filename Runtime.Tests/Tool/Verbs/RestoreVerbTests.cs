using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class RestoreVerbTests : VolumeTests
{
    [SetUp]
    public async Task WriteThreeVersionsAsync()
    {
        await ImportAsync("c", "one");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "two");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "six");
    }

    [Test]
    public async Task The_container_holds_what_the_version_has()
    {
        KatydidRun run = await RunToSuccessAsync("restore", "--container", "c", "--to", "1");
        Assert.That(run.Output, Is.EqualTo("restored 'c' to interval 1: 3 bytes, 2 newer versions kept\n"));
        Assert.That(await ExportAsync("c"), Is.EqualTo("one"u8.ToArray()));
    }

    [Test]
    public async Task Newer_versions_stay_and_can_be_restored_as_well()
    {
        await RunToSuccessAsync("restore", "--container", "c", "--to", "1");
        Assert.That(await ExportAsync("c", "--at", "3"), Is.EqualTo("six"u8.ToArray()));
        Assert.That(await CurrentAsync(), Is.EqualTo([true, false, false]));
        JsonElement report = await RunToJsonAsync("restore", "--container", "c", "--to", "3");
        Assert.That(report.GetProperty("interval").GetInt64(), Is.EqualTo(3));
        Assert.That(report.GetProperty("bytes").GetInt64(), Is.EqualTo(3));
        Assert.That(report.GetProperty("newerVersions").GetInt64(), Is.Zero);
        Assert.That(await ExportAsync("c"), Is.EqualTo("six"u8.ToArray()));
        Assert.That(await CurrentAsync(), Is.EqualTo([false, false, true]));
    }

    [Test]
    public async Task What_is_written_next_is_based_on_it_and_takes_a_new_number()
    {
        await RunToSuccessAsync("restore", "--container", "c", "--to", "1");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "1", "--text", "x");
        Assert.That(await ExportAsync("c"), Is.EqualTo("oxe"u8.ToArray()));
        Assert.That(await CurrentAsync(), Is.EqualTo([false, false, false, true]));
    }

    [Test]
    public Task A_version_that_is_not_kept_is_refused() => RunToRefusalAsync(
        "container 'c' has no version of interval 4; 'katydid history' shows which it has",
        "restore", "--container", "c", "--to", "4");

    [Test]
    public Task Without_the_container_it_is_refused() => RunToRefusalAsync(
        "there is no container 'd'; 'katydid list' shows what there is", "restore", "--container", "d", "--to", "1");

    private async Task<IEnumerable<bool>> CurrentAsync() =>
        (await RunToJsonAsync("history", "--container", "c")).EnumerateArray()
            .Select(version => version.GetProperty("isCurrent").GetBoolean());
}
