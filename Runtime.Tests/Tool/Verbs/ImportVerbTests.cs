using System.Text.Json;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Tests.Support;
using Runtime.Tool;
using Runtime.Tool.Verbs;

namespace Runtime.Tests.Tool.Verbs;

public class ImportVerbTests : VolumeTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4095)]
    [TestCase(4096)]
    [TestCase(4097)]
    [TestCase((1 << 20) + 1)]
    [TestCase(3_000_001)]
    public async Task What_is_imported_is_exported(int length)
    {
        byte[] bytes = SomeBytes(length);
        await ImportAsync("a name with spaces", bytes);
        Assert.That((await ExportAsync("a name with spaces")).AsSpan().SequenceEqual(bytes));
    }

    [Test]
    public async Task It_says_how_many_bytes_and_faults_and_which_interval()
    {
        string file = WriteFile("file", SomeBytes(10_000));
        JsonElement report = await RunToJsonAsync("import", file, "--container", "c");
        Assert.That(report.GetProperty("container").GetString(), Is.EqualTo("c"));
        Assert.That(report.GetProperty("bytes").GetInt64(), Is.EqualTo(10_000));
        Assert.That(report.GetProperty("writeFaults").GetInt64(), Is.EqualTo(3));
        Assert.That(report.GetProperty("pagesChanged").GetInt64(), Is.EqualTo(3));
        Assert.That(report.GetProperty("interval").GetInt64(), Is.EqualTo(1));
    }

    [Test]
    public async Task It_says_so_in_words()
    {
        KatydidRun run = await ImportAsync("c", SomeBytes(10_000));
        Assert.That(run.Output, Does.Match(
            @"^imported 10,000 bytes \(9\.8 KiB\) into 'c': 3 write faults, interval 1 durable after .+\n$"));
    }

    [Test]
    public async Task An_existing_name_is_refused()
    {
        await ImportAsync("c", "before");
        await RunToRefusalAsync(
            $"container 'c' exists in '{Volume}'; --replace overwrites it",
            "import", WriteFile("file", SomeBytes(6)), "--container", "c");
        Assert.That(await ExportAsync("c"), Is.EqualTo("before"u8.ToArray()));
    }

    [Test]
    public async Task Replacing_with_the_same_length_adds_a_version()
    {
        await ImportAsync("c", "before");
        await RunToSuccessAsync("import", WriteFile("file", "after!"u8.ToArray()), "--container", "c", "--replace");
        Assert.That(await ExportAsync("c"), Is.EqualTo("after!"u8.ToArray()));
        Assert.That(await ExportAsync("c", "--at", "1"), Is.EqualTo("before"u8.ToArray()));
    }

    [Test]
    public async Task Replacing_with_another_length_begins_anew()
    {
        await ImportAsync("c", "before");
        string file = WriteFile("file", "quite another"u8.ToArray());
        await RunToSuccessAsync("import", file, "--container", "c", "--replace");
        Assert.That(await ExportAsync("c"), Is.EqualTo("quite another"u8.ToArray()));
        Assert.That((await RunToJsonAsync("history", "--container", "c")).GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Replacing_what_does_not_exist_creates_it()
    {
        await RunToSuccessAsync("import", WriteFile("file", "new"u8.ToArray()), "--container", "c", "--replace");
        Assert.That(await ExportAsync("c"), Is.EqualTo("new"u8.ToArray()));
    }

    [Test]
    public async Task A_file_that_is_not_there_creates_no_volume()
    {
        string file = PathOf("nothing");
        await RunToRefusalAsync($"there is no file '{file}'", "import", file, "--container", "c");
        Assert.That(Directory.Exists(Volume), Is.False);
    }

    [Test]
    public async Task A_directory_is_refused()
    {
        string directory = PathOf("directory");
        Directory.CreateDirectory(directory);
        await RunToRefusalAsync($"'{directory}' is a directory", "import", directory, "--container", "c");
        Assert.That(Directory.Exists(Volume), Is.False);
    }

    [Test]
    public async Task What_a_killed_import_left_is_cleared_away()
    {
        await ImportAsync("b", "text");
        await using (Kernel kernel = await VolumeSession.OpenAsync(Volume, CancellationToken.None))
        {
            kernel.RenameContainer("b", ImportVerb.Unfinished);
        }

        await ImportAsync("c", "text");
        JsonElement[] list = [.. (await RunToJsonAsync("list")).EnumerateArray()];
        Assert.That(list.Select(entry => entry.GetProperty("name").GetString()), Is.EqualTo(["c"]));
    }

    [Test]
    public Task The_name_of_what_is_unfinished_is_refused() => RunToRefusalAsync(
        $"'{ImportVerb.Unfinished}' is where imports are kept until they are complete",
        "import", WriteFile("file", SomeBytes(10)), "--container", ImportVerb.Unfinished);

    [Test, LinuxOnly]
    public async Task A_file_that_grows_while_it_is_read_leaves_the_old_container()
    {
        await ImportAsync("c", "before");
        await RunToRefusalAsync(
            "the file became longer while it was read",
            "import", "/proc/self/status", "--container", "c", "--replace");
        Assert.That(await ExportAsync("c"), Is.EqualTo("before"u8.ToArray()));
        Assert.That((await RunToJsonAsync("list")).GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_cancelled_import_leaves_no_container()
    {
        await ImportAsync("other", "other");
        string file = WriteFile("file", SomeBytes(100_000));
        KatydidRun run = await KatydidRun.RunAsync(
            ["import", file, "--container", "c", "--volume", Volume], new CancellationToken(canceled: true));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Cancelled), run.ToString());
        Assert.That(run.Error, Is.EqualTo("katydid: cancelled\n"));
        Assert.That((await RunToJsonAsync("list")).GetArrayLength(), Is.EqualTo(1));
    }
}
