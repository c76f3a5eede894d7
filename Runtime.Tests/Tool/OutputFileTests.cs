using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;
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

    [Test, LinuxOnly]
    public void A_flush_that_the_system_fails_is_told_and_leaves_what_was_there_before()
    {
        Assume.That(RuntimeInformation.ProcessArchitecture, Is.EqualTo(Architecture.X64), "the filter is for x86-64");
        string file = Path.Combine(_directory, "out");
        File.WriteAllText(file, "before");
        ChildExit exit = ChildProcess.Run(WriteUnderFailingFlush, file);
        Assert.That(exit.Code, Is.Zero, exit.Error);
        Assert.That(exit.Output, Does.Match(@"^IoError: fdatasync '.*' failed: Input/output error \(errno 5\)\n$"));
        Assert.That(File.ReadAllText(file), Is.EqualTo("before"));
        Assert.That(Directory.GetFileSystemEntries(_directory), Is.EqualTo([file]));
    }

    [Child]
    private static int WriteUnderFailingFlush(string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 1;
        }

        Seccomp.AnswerError(Seccomp.EIO, Seccomp.FsyncX64, Seccomp.FdatasyncX64);
        try
        {
            OutputFile.WriteAsync(
                args[0], stream => stream.WriteAsync("after"u8.ToArray()).AsTask(), CancellationToken.None).Wait();
        }
        catch (AggregateException failure) when (failure.InnerException is VolumeException reason)
        {
            Console.WriteLine($"{reason.Status}: {reason.Message}");
        }

        return 0;
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
