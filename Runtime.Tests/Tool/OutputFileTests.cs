using NUnit.Framework;
using Runtime.Tests.Support;
using Runtime.Tool;

namespace Runtime.Tests.Tool;

public class OutputFileTests
{
    private string _directory = "";

    [SetUp]
    public void CreateDirectory() => _directory = Directory.CreateTempSubdirectory("katydid output ").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task A_file_appears_complete_and_alone()
    {
        string file = Path.Combine(_directory, "out");
        await OutputFile.WriteAsync(
            file,
            async stream =>
            {
                await stream.WriteAsync("bytes"u8.ToArray());
                Assert.That(File.Exists(file), Is.False);
            },
            CancellationToken.None);
        Assert.That(File.ReadAllText(file), Is.EqualTo("bytes"));
        Assert.That(Directory.GetFileSystemEntries(_directory), Is.EqualTo([file]));
    }

    [Test]
    public async Task A_failure_leaves_what_was_there_before()
    {
        string file = Path.Combine(_directory, "out");
        File.WriteAllText(file, "before");
        await Assert.ThrowsAsync<IOException>(() => OutputFile.WriteAsync(
            file,
            async stream =>
            {
                await stream.WriteAsync("after"u8.ToArray());
                throw new IOException("no");
            },
            CancellationToken.None));
        Assert.That(File.ReadAllText(file), Is.EqualTo("before"));
        Assert.That(Directory.GetFileSystemEntries(_directory), Is.EqualTo([file]));
    }

    [Test]
    public async Task A_directory_is_refused() => await Assert.ThrowsAsync<RefusedException>(
        () => OutputFile.WriteAsync(_directory, _ => Task.CompletedTask, CancellationToken.None));

    [Test, LinuxOnly]
    public async Task A_link_stays_a_link()
    {
        string file = Path.Combine(_directory, "out");
        string link = Path.Combine(_directory, "link");
        File.WriteAllText(file, "before");
        File.CreateSymbolicLink(link, "out");
        await OutputFile.WriteAsync(
            link, async stream => await stream.WriteAsync("after"u8.ToArray()), CancellationToken.None);
        Assert.That(File.ReadAllText(file), Is.EqualTo("after"));
        Assert.That(new FileInfo(link).LinkTarget, Is.EqualTo("out"));
    }

    [Test, LinuxOnly]
    public async Task A_device_is_written_and_not_replaced()
    {
        await OutputFile.WriteAsync(
            "/dev/null", async stream => await stream.WriteAsync("bytes"u8.ToArray()), CancellationToken.None);
        Assert.That(new FileInfo("/dev/null").Length, Is.Zero);
    }
}
