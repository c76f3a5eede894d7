using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class DiscardVerbTests : VolumeTests
{
    [SetUp]
    public async Task WriteFiveVersionsAsync()
    {
        await ImportAsync("c", SomeBytes(10_000));
        for (int version = 2; version <= 5; version++)
        {
            await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", $"version {version}");
        }
    }

    [Test]
    public async Task Versions_go_and_their_room_becomes_free()
    {
        KatydidRun run = await RunToSuccessAsync("discard", "--container", "c", "2");
        Assert.That(run.Output, Does.Match(@"^discarded 1 version of 'c': [1-9].* freed, 4 versions kept\n$"));
        Assert.That(await KeptAsync(), Is.EqualTo([1, 3, 4, 5]));
        await RunToSuccessAsync("verify");
    }

    [Test]
    public async Task Ranges_name_those_that_are_kept_of_them()
    {
        await RunToSuccessAsync("discard", "--container", "c", "2");
        JsonElement report = await RunToJsonAsync("discard", "--container", "c", "1-3", "3-4", "4");
        Assert.That(
            report.GetProperty("discarded").EnumerateArray().Select(interval => interval.GetInt64()),
            Is.EqualTo([1, 3, 4]));
        Assert.That(report.GetProperty("versions").GetInt64(), Is.EqualTo(1));
        Assert.That(report.GetProperty("bytesFreed").GetInt64(), Is.Positive);
        Assert.That(await KeptAsync(), Is.EqualTo([5]));
        Assert.That((await ExportAsync("c"))[..9], Is.EqualTo("version 5"u8.ToArray()));
        await RunToSuccessAsync("verify");
    }

    [Test]
    public async Task What_the_container_begins_with_is_refused_and_all_the_others_stay()
    {
        await RunToRefusalAsync(
            "container 'c' now begins with version 5, which cannot be discarded; nothing was",
            "discard", "--container", "c", "1", "2-7");
        await RunToSuccessAsync("restore", "--container", "c", "--to", "3");
        await RunToRefusalAsync(
            "container 'c' now begins with version 3, which cannot be discarded; nothing was",
            "discard", "--container", "c", "1-5");
        Assert.That(await KeptAsync(), Is.EqualTo([1, 2, 3, 4, 5]));
    }

    [Test]
    public async Task After_a_restore_the_newest_can_go()
    {
        await RunToSuccessAsync("restore", "--container", "c", "--to", "3");
        await RunToSuccessAsync("discard", "--container", "c", "4-5");
        Assert.That(await KeptAsync(), Is.EqualTo([1, 2, 3]));
        Assert.That((await ExportAsync("c"))[..9], Is.EqualTo("version 3"u8.ToArray()));
    }

    [Test]
    public async Task What_is_not_kept_is_refused_and_all_the_others_stay()
    {
        await RunToRefusalAsync(
            "container 'c' has no version of interval 6; 'katydid history' shows which it has",
            "discard", "--container", "c", "1", "6");
        await RunToRefusalAsync(
            "container 'c' has no version of intervals 6-9; 'katydid history' shows which it has",
            "discard", "--container", "c", "1", "6-9");
        Assert.That(await KeptAsync(), Is.EqualTo([1, 2, 3, 4, 5]));
    }

    [Test]
    public Task Without_the_container_it_is_refused() => RunToRefusalAsync(
        "there is no container 'd'; 'katydid list' shows what there is", "discard", "--container", "d", "1");

    private async Task<IEnumerable<long>> KeptAsync() =>
        (await RunToJsonAsync("history", "--container", "c")).EnumerateArray()
            .Select(version => version.GetProperty("interval").GetInt64());
}
