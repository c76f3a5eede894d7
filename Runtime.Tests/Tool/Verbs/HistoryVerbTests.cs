using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class HistoryVerbTests : VolumeTests
{
    [Test]
    public async Task Versions_are_listed_oldest_first()
    {
        await ImportAsync("c", SomeBytes(10_000));
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "4090", "--text", "across a page's end");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "x");
        JsonElement[] history = [.. (await RunToJsonAsync("history", "--container", "c")).EnumerateArray()];
        Assert.That(history.Select(version => version.GetProperty("interval").GetInt64()), Is.EqualTo([1, 2, 3]));
        Assert.That(history.Select(version => version.GetProperty("pagesChanged").GetInt64()), Is.EqualTo([3, 2, 1]));
        Assert.That(history.Select(version => version.GetProperty("bytes").GetInt64()), Is.All.EqualTo(10_000));
        Assert.That(history.Select(version => version.GetProperty("time").GetDateTimeOffset()), Is.Ordered);
    }

    [Test]
    public async Task The_table_has_a_line_for_each()
    {
        await ImportAsync("c", SomeBytes(10_000));
        string table = (await RunToSuccessAsync("history", "--container", "c")).Output;
        Assert.That(table, Does.Contain("interval").And.Contain("pages changed"));
        Assert.That(table, Does.Contain("10,000").And.Contain(" UTC"));
    }

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'C'; 'katydid list' shows what there is", "history", "--container", "C");
    }

    [Test]
    public Task Without_a_volume_it_is_refused() => RunToRefusalAsync(
        $"there is no volume at '{Volume}'; 'katydid import' creates one", "history", "--container", "c");
}
