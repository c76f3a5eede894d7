using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class ListVerbTests : VolumeTests
{
    [Test]
    public async Task Containers_are_listed_oldest_first()
    {
        await ImportAsync("z", "first");
        await ImportAsync("a", "second!");
        await RunToSuccessAsync("patch", "--container", "z", "--offset", "0", "--text", "F");
        JsonElement[] list = [.. (await RunToJsonAsync("list")).EnumerateArray()];
        Assert.That(list.Select(entry => entry.GetProperty("name").GetString()), Is.EqualTo(["z", "a"]));
        Assert.That(list.Select(entry => entry.GetProperty("bytes").GetInt64()), Is.EqualTo([5, 7]));
        Assert.That(list.Select(entry => entry.GetProperty("versions").GetInt64()), Is.EqualTo([2, 1]));
        Assert.That(list.Select(entry => entry.GetProperty("interval").GetInt64()), Is.EqualTo([2, 1]));
        Assert.That(list.Select(entry => entry.GetProperty("manager").GetString()), Is.All.EqualTo("snapshotting"));
        Assert.That(
            list.Select(entry => entry.GetProperty("time").GetDateTimeOffset()),
            Is.All.EqualTo(DateTimeOffset.Now).Within(TimeSpan.FromMinutes(5)));
    }

    [Test]
    public async Task Names_stand_in_the_table_as_they_are()
    {
        await ImportAsync("[red]names[/] ü 'x'", "text");
        Assert.That((await RunToSuccessAsync("list")).Output, Does.Contain("[red]names[/] ü 'x'"));
        Assert.That((await RunToSuccessAsync("list", "--json")).Output, Does.Contain("[red]names[/] ü 'x'"));
    }

    [Test]
    public async Task Without_a_volume_it_is_refused_and_none_is_created()
    {
        await RunToRefusalAsync($"there is no volume at '{Volume}'; 'katydid import' creates one", "list");
        Assert.That(Directory.Exists(Volume), Is.False);
    }

    [Test]
    public async Task An_empty_directory_is_no_volume()
    {
        Directory.CreateDirectory(Volume);
        await RunToRefusalAsync($"there is no volume at '{Volume}'; 'katydid import' creates one", "list");
        Assert.That(Directory.EnumerateFileSystemEntries(Volume), Is.Empty);
    }
}
