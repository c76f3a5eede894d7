using System.Globalization;
using System.Text.Json;
using NUnit.Framework;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Tool.Verbs;

public class RetainVerbTests : VolumeTests
{
    [Test]
    public async Task The_newest_stay_and_the_others_go()
    {
        await WriteVersionsAsync(5);
        KatydidRun run = await RunToSuccessAsync("retain", "--container", "c", "--last", "2");
        Assert.That(run.Output, Does.Match(@"^discarded 3 versions of 'c': .* freed, 2 versions kept\n$"));
        Assert.That(await KeptAsync(), Is.EqualTo([4, 5]));
        Assert.That(await ExportAsync("c"), Is.EqualTo("version 5"u8.ToArray()));
        await RunToSuccessAsync("verify");
    }

    [Test]
    public async Task Some_stay_by_age()
    {
        // Two on the first day in one hour, two on the next in two hours.
        CommitAt("2026-03-01T08:00Z", "2026-03-01T08:59Z", "2026-03-02T10:00Z", "2026-03-02T11:00Z");
        await RunToSuccessAsync("retain", "--container", "c", "--hourly", "9");
        Assert.That(await KeptAsync(), Is.EqualTo([2, 3, 4]));
        await RunToSuccessAsync("retain", "--container", "c", "--last", "1", "--hourly", "0", "--daily", "2");
        Assert.That(await KeptAsync(), Is.EqualTo([2, 4]));
        await RunToSuccessAsync("retain", "--container", "c", "--daily", "1");
        Assert.That(await KeptAsync(), Is.EqualTo([4]));
    }

    [Test]
    public async Task Many_versions_go_in_several_commits()
    {
        CommitAt([.. Enumerable.Range(0, 150).Select(minute => $"2026-03-01T{minute / 60:00}:{minute % 60:00}Z")]);
        JsonElement report = await RunToJsonAsync("retain", "--container", "c", "--last", "3");
        Assert.That(report.GetProperty("discarded").GetArrayLength(), Is.EqualTo(147));
        Assert.That(report.GetProperty("versions").GetInt64(), Is.EqualTo(3));
        Assert.That(await KeptAsync(), Is.EqualTo([148, 149, 150]));
        await RunToSuccessAsync("verify");
    }

    [Test]
    public async Task What_the_container_begins_with_stays()
    {
        await WriteVersionsAsync(4);
        await RunToSuccessAsync("restore", "--container", "c", "--to", "2");
        await RunToSuccessAsync("retain", "--container", "c", "--last", "1");
        Assert.That(await KeptAsync(), Is.EqualTo([2, 4]));
        Assert.That(await ExportAsync("c"), Is.EqualTo("version 2"u8.ToArray()));
    }

    [Test]
    public async Task A_dry_run_shows_what_would_go_and_drops_nothing()
    {
        await WriteVersionsAsync(3);
        JsonElement shown = await RunToJsonAsync("retain", "--container", "c", "--last", "1", "--dry-run");
        Assert.That(
            shown.EnumerateArray().Select(version => version.GetProperty("interval").GetInt64()), Is.EqualTo([1, 2]));
        string table = (await RunToSuccessAsync("retain", "--container", "c", "--last", "1", "--dry-run")).Output;
        Assert.That(table, Does.Contain("pages changed"));
        Assert.That(await KeptAsync(), Is.EqualTo([1, 2, 3]));
    }

    [Test]
    public async Task When_nothing_is_too_much_nothing_goes()
    {
        await WriteVersionsAsync(2);
        KatydidRun run = await RunToSuccessAsync("retain", "--container", "c", "--last", "2");
        Assert.That(run.Output, Is.EqualTo("discarded 0 versions of 'c': 0 bytes freed, 2 versions kept\n"));
    }

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'd'; 'katydid list' shows what there is",
            "retain", "--container", "d", "--last", "1");
    }

    private async Task WriteVersionsAsync(int count)
    {
        await ImportAsync("c", "version 1");
        for (int version = 2; version <= count; version++)
        {
            await RunToSuccessAsync("patch", "--container", "c", "--offset", "8", "--text", $"{version}");
        }
    }

    private void CommitAt(params string[] times)
    {
        using var volume = Runtime.Stores.Volumes.Volume.Open(Volume, new VolumeOptions { Create = true });
        ContainerRecord container = volume.Create("c", 100, "snapshotting");
        foreach (string time in times)
        {
            using VersionDraft draft = volume.OpenDraft(container);
            volume.Commit(draft, DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)).Dispose();
        }
    }

    private async Task<IEnumerable<long>> KeptAsync() =>
        (await RunToJsonAsync("history", "--container", "c")).EnumerateArray()
            .Select(version => version.GetProperty("interval").GetInt64());
}
