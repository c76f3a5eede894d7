using System.Text.Json;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool;
using Runtime.Tool.Verbs;

namespace Runtime.Tests.Tool.Verbs;

public class CloneVerbTests : VolumeTests
{
    [SetUp]
    public async Task WriteTwoVersionsAsync()
    {
        await ImportAsync("c", "one");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "two");
    }

    [Test]
    public async Task A_clone_begins_with_what_the_container_holds_and_goes_its_own_way()
    {
        KatydidRun run = await RunToSuccessAsync("clone", "--container", "c", "--as", "d");
        Assert.That(run.Output, Is.EqualTo("cloned 'c', interval 2, as 'd': 3 bytes\n"));
        await RunToSuccessAsync("patch", "--container", "d", "--offset", "0", "--text", "six");
        Assert.That(await ExportAsync("c"), Is.EqualTo("two"u8.ToArray()));
        Assert.That(await ExportAsync("d"), Is.EqualTo("six"u8.ToArray()));
        Assert.That(await ExportAsync("d", "--at", "1"), Is.EqualTo("two"u8.ToArray()));
    }

    [Test]
    public async Task An_older_version_can_be_cloned_and_outlives_its_container()
    {
        JsonElement report = await RunToJsonAsync("clone", "--container", "c", "--at", "1", "--as", "d");
        Assert.That(report.GetProperty("container").GetString(), Is.EqualTo("d"));
        Assert.That(report.GetProperty("source").GetString(), Is.EqualTo("c"));
        Assert.That(report.GetProperty("interval").GetInt64(), Is.EqualTo(1));
        await RunToSuccessAsync("delete", "--container", "c");
        Assert.That(await ExportAsync("d"), Is.EqualTo("one"u8.ToArray()));
    }

    [Test]
    public async Task After_a_restore_it_begins_with_what_was_restored()
    {
        await RunToSuccessAsync("restore", "--container", "c", "--to", "1");
        await RunToSuccessAsync("clone", "--container", "c", "--as", "d");
        Assert.That(await ExportAsync("d"), Is.EqualTo("one"u8.ToArray()));
    }

    [Test]
    public async Task A_container_without_versions_gives_an_empty_clone()
    {
        await using (Kernel kernel = await VolumeSession.OpenAsync(Volume, CancellationToken.None))
        {
            using Container empty = kernel.OpenContainer("empty", 100);
        }

        JsonElement report = await RunToJsonAsync("clone", "--container", "empty", "--as", "d");
        Assert.That(report.GetProperty("interval").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(await ExportAsync("d"), Is.EqualTo(new byte[100]));
    }

    [Test]
    public async Task An_existing_name_is_refused()
    {
        await ImportAsync("d", "other");
        await RunToRefusalAsync("there is a container 'd' already", "clone", "--container", "c", "--as", "d");
        Assert.That(await ExportAsync("d"), Is.EqualTo("other"u8.ToArray()));
    }

    [Test]
    public Task The_name_of_what_is_unfinished_is_refused() => RunToRefusalAsync(
        $"'{ImportVerb.Unfinished}' is where imports are kept until they are complete",
        "clone", "--container", "c", "--as", ImportVerb.Unfinished);

    [Test]
    public Task A_version_that_is_not_kept_is_refused() => RunToRefusalAsync(
        "container 'c' has no version of interval 3; 'katydid history' shows which it has",
        "clone", "--container", "c", "--at", "3", "--as", "d");

    [Test]
    public Task Without_the_container_it_is_refused() => RunToRefusalAsync(
        "there is no container 'b'; 'katydid list' shows what there is", "clone", "--container", "b", "--as", "d");
}
