using NUnit.Framework;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class ExportVerbTests : VolumeTests
{
    [Test]
    public async Task A_file_is_written_whole_and_the_faults_are_counted()
    {
        byte[] bytes = SomeBytes(10_000);
        await ImportAsync("c", bytes);
        string target = PathOf("a file with spaces");
        KatydidRun run = await RunToSuccessAsync("export", "--container", "c", target);
        Assert.That(File.ReadAllBytes(target), Is.EqualTo(bytes));
        Assert.That(run.Output, Does.StartWith($"exported 10,000 bytes (9.8 KiB) from 'c' to '{target}': "));
        Assert.That(run.Output, Does.Match(@"': [123] read faults?\n$"));
    }

    [Test]
    public async Task An_older_version_can_be_had()
    {
        await ImportAsync("c", "one way");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "two");
        Assert.That(await ExportAsync("c"), Is.EqualTo("two way"u8.ToArray()));
        Assert.That(await ExportAsync("c", "--at", "2"), Is.EqualTo("two way"u8.ToArray()));
        Assert.That(await ExportAsync("c", "--at", "1"), Is.EqualTo("one way"u8.ToArray()));
    }

    [Test]
    public async Task A_version_that_is_not_kept_is_refused_and_leaves_no_file()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "container 'c' has no version of interval 7; 'katydid history' shows which it has",
            "export", "--container", "c", "--at", "7", PathOf("out"));
        Assert.That(File.Exists(PathOf("out")), Is.False);
    }

    [Test]
    public Task Without_a_volume_it_is_refused() => RunToRefusalAsync(
        $"there is no volume at '{Volume}'; 'katydid import' creates one", "export", "--container", "c", "-");

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'd'; 'katydid list' shows what there is",
            "export", "--container", "d", PathOf("out"));
        Assert.That(File.Exists(PathOf("out")), Is.False);
    }

    [Test]
    public async Task A_damaged_page_is_named_with_what_is_wrong_and_leaves_no_file()
    {
        byte[] bytes = SomeBytes(10_000);
        await ImportAsync("c", bytes);
        ChangeWhereverItStands(bytes[4096..4128]);
        KatydidRun run = await RunAsync("export", "--container", "c", PathOf("out"));
        Assert.That(
            run.Error,
            Does.Match("^katydid: .*Read at offset 4096 failed: IoError: block .* is damaged: .*checksum.*\n$"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(File.Exists(PathOf("out")), Is.False);
    }

    [Test]
    public async Task Without_the_directory_of_the_target_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            $"there is no directory '{PathOf("missing")}'",
            "export", "--container", "c", Path.Combine(PathOf("missing"), "out"));
    }

    [Test]
    public async Task A_directory_is_no_target()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync($"'{PathOf(".")}' is a directory", "export", "--container", "c", PathOf("."));
    }
}
