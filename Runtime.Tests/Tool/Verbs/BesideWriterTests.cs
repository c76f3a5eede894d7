using System.Text;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Tool.Verbs;

/// <summary>Verbs that only read, while an application has the volume open and goes on writing.</summary>
public class BesideWriterTests : VolumeTests
{
    private const string Text = "a cat sat";

    private Volume _writer = null!;

    [SetUp]
    public async Task OpenToWrite()
    {
        await ImportAsync("notes", Text);
        _writer = Runtime.Stores.Volumes.Volume.Open(Volume);
        Overwrite(times: 3);
    }

    [TearDown]
    public void CloseWriter() => _writer.Dispose();

    [Test]
    public async Task Verbs_that_read_answer_beside_a_writer()
    {
        Assert.That((await RunToJsonAsync("list"))[0].GetProperty("name").GetString(), Is.EqualTo("notes"));
        Assert.That((await RunToSuccessAsync("history", "--container", "notes")).Output, Does.Contain("1"));
        Assert.That((await RunToSuccessAsync("verify")).Output, Does.Contain("all sound"));
        Assert.That(
            (await RunToJsonAsync("map", "--container", "notes", "--at", "2", "--version", "1"))
                .GetProperty("differing").GetInt64(),
            Is.EqualTo(1));
        Assert.That(
            (await RunToSuccessAsync("search", "--container", "notes", "--text", "cat", "--at", "1")).Output,
            Is.EqualTo("2\n"));
        Assert.That(await ExportAsync("notes", "--at", "1"), Is.EqualTo(Encoding.UTF8.GetBytes(Text)));
        Assert.That((await ExportAsync("notes"))[..4], Is.EqualTo(VolumeModel.Page(3)[..4]));
    }

    [Test]
    public async Task Verbs_that_write_are_refused_and_name_the_writer()
    {
        foreach (string[] command in (string[][])
        [
            ["import", WriteFile("more", [1]), "--container", "more"],
            ["delete", "--container", "notes"],
            ["discard", "--container", "notes", "1"],
            ["clone", "--container", "notes", "--as", "copy"],
        ])
        {
            KatydidRun run = await RunAsync(command);
            Assert.That(run.ExitCode, Is.Not.Zero, string.Join(' ', command));
            Assert.That(run.Error, Does.Contain($"(process {Environment.ProcessId})"), string.Join(' ', command));
        }
    }

    private void Overwrite(int times)
    {
        ContainerRecord record = _writer.Find("notes")!;
        for (int i = 1; i <= times; i++)
        {
            using VersionDraft draft = _writer.OpenDraft(record);
            draft.Write(new PageNumber(0), VolumeModel.Page(i));
            _writer.Commit(draft, DateTimeOffset.UtcNow).Dispose();
        }
    }
}
