using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Disks;

public class FileDiskTests : DiskContract
{
    private TemporaryDirectory _directory = null!;

    [OneTimeSetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [OneTimeTearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_missing_file_is_an_error_that_names_the_call_the_file_and_the_number()
    {
        string path = _directory["missing"];
        string expected = OperatingSystem.IsWindows()
            ? "CreateFile '*' failed: *(error 2)"
            : "open '*' failed: *(errno 2)";

        Assert.That(
            () => FileDisk.Open(path),
            Throws.TypeOf<VolumeException>().With.Message.Matches(Pattern(expected)).And.Message.Contains(path));
    }

    [Test]
    public void A_new_file_is_its_owners_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("On Windows a file inherits what its directory allows.");
            return;
        }

        Assert.That(File.GetUnixFileMode(Current), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void A_symbolic_link_is_refused()
    {
        string link = _directory["link"];
        try
        {
            File.CreateSymbolicLink(link, Current);
        }
        catch (IOException e)
        {
            Assert.Ignore($"This system makes no symbolic link: {e.Message}");
        }

        Assert.That(() => FileDisk.Open(link), Throws.TypeOf<VolumeException>().With.Message.Contains("symbolic link"));
    }

    [Test]
    public void A_directory_is_refused() =>
        Assert.That(() => FileDisk.Open(_directory.Path), Throws.TypeOf<VolumeException>());

    [Test]
    public void A_disk_opened_for_reading_refuses_writes()
    {
        Disk.WriteBlocks(new BlockNumber(0), Blocks(count: 1, seed: 1));
        using FileDisk reader = FileDisk.Open(Current, isReadOnly: true);

        Assert.That(reader.IsReadOnly);
        Assert.That(
            () => reader.WriteBlocks(new BlockNumber(0), new byte[IDisk.BlockSize]),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.PermissionDenied));
    }

    [Test]
    public void A_last_block_of_which_a_part_is_there_reads_as_if_zeroes_followed()
    {
        Disk.Dispose();
        File.WriteAllBytes(Current, [1, 2, 3]);
        using FileDisk disk = FileDisk.Open(Current);
        var block = new byte[IDisk.BlockSize];
        block.AsSpan().Fill(9);
        disk.ReadBlocks(new BlockNumber(0), block);

        Assert.That(disk.BlockCount, Is.EqualTo(1));
        Assert.That(block[..3], Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(block[3..], Is.All.Zero);
    }

    [Test]
    public void A_full_device_is_NoResources()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Ignore("Only Linux has a device that is always full.");
        }

        using FileDisk disk = FileDisk.Open("/dev/full");
        Assert.That(
            () => disk.WriteBlocks(new BlockNumber(0), new byte[IDisk.BlockSize]),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources)
                .And.Message.Contains("(errno 28)"));
    }

    [Test]
    public void A_disposed_disk_throws_ObjectDisposedException()
    {
        Disk.Dispose();

        Assert.That(() => Disk.Flush(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => Read(0, 0), Throws.TypeOf<ObjectDisposedException>());
    }

    private string Current => _directory[TestContext.CurrentContext.Test.ID];

    private protected override IDisk Create() => FileDisk.Open(Current, create: true);

    private protected override IDisk Reopen()
    {
        Disk.Dispose();
        return FileDisk.Open(Current);
    }

    private static string Pattern(string wildcards) =>
        System.Text.RegularExpressions.Regex.Escape(wildcards).Replace("\\*", ".*", StringComparison.Ordinal);
}
