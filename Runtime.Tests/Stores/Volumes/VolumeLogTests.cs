using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Logs;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>The kernel's log as a part of a volume.</summary>
public class VolumeLogTests
{
    private static readonly VolumeOptions s_create = new() { Create = true };
    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    private TemporaryDirectory _directory = null!;

    private string Home => _directory["home"];

    private string LogFile => Path.Combine(Home, "kernel.log");

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_volume_that_has_no_log_gets_one_when_it_is_asked_for_by_who_may_write()
    {
        Volume.Open(Home, s_create).Dispose();
        using (Volume volume = Volume.Open(Home, s_readOnly))
        {
            Assert.That(volume.KernelLog, Is.Null);
        }

        Assert.That(File.Exists(LogFile), Is.False);
        using (Volume volume = Volume.Open(Home))
        {
            IKernelLog log = volume.KernelLog!;
            Assert.That(log.Records, Is.Empty);
            Assert.That(volume.KernelLog, Is.SameAs(log));
            LogUse.Append(log, 1, 2);
            log.Flush();
        }

        using Volume reader = Volume.Open(Home, s_readOnly);
        Assert.That(reader.KernelLog!.IsReadOnly);
        Assert.That(LogUse.Difference(reader.KernelLog.Records, [1, 2]), Is.Null);
    }

    [Test]
    public void A_reader_beside_the_writer_sees_what_was_flushed()
    {
        using Volume volume = Volume.Open(Home, s_create);
        IKernelLog log = volume.KernelLog!;
        LogUse.Append(log, 1);
        log.Flush();
        LogUse.Append(log, 2);
        using Volume reader = Volume.Open(Home, s_readOnly);
        Assert.That(LogUse.Difference(reader.KernelLog!.Records, [1]), Is.Null);

        log.Compact(LogUse.Records([3]));
        using Volume later = Volume.Open(Home, s_readOnly);
        Assert.That(LogUse.Difference(later.KernelLog!.Records, [3]), Is.Null);
        Assert.That(LogUse.Difference(reader.KernelLog.Records, [1]), Is.Null);
    }

    [Test]
    public void Nothing_durable_has_no_log()
    {
        using var memory = new MemoryVolume();
        Assert.That(memory.KernelLog, Is.Null);
        using Volume volume = Volume.Open(new ImageDisk(), s_create);
        Assert.That(volume.KernelLog, Is.Null);
        volume.Dispose();
        Assert.That(() => volume.KernelLog, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void With_a_damaged_log_the_pages_are_read_and_written_and_the_log_says_what_is_wrong()
    {
        VolumeDriver driver = Fill();
        using (FileStream file = File.OpenWrite(LogFile))
        {
            file.Position = (4 * 4096) + 100;
            file.WriteByte(0xFF);
        }

        foreach (VolumeOptions options in (VolumeOptions[])[s_readOnly, new()])
        {
            using Volume volume = Volume.Open(Home, options);
            Assert.That(
                () => volume.KernelLog,
                Throws.TypeOf<VolumeException>().With.Message.StartsWith("block b4 of kernel.log"));
            Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
            VolumeReport report = volume.Verify();
            Assert.That(report.DamageCount, Is.EqualTo(1));
            Assert.That(report.Damages[0].Message, Does.StartWith("block b4 of kernel.log is damaged"));
            Assert.That(report.Damages[0].Block.Value, Is.EqualTo(4));
        }

        using (Volume volume = Volume.Open(Home))
        {
            var again = new VolumeDriver(volume, driver.Reported);
            again.Commit("a", new() { [1] = 9 });
            Assert.That(again.Reported.DifferenceTo(volume), Is.Null);
            using Volume copy = Volume.Open(_directory["copy"], s_create);
            Assert.That(
                () => volume.CopyTo(copy), Throws.TypeOf<VolumeException>().With.Message.Contains("kernel.log"));
            Assert.That(copy.Containers, Is.Empty);
        }
    }

    [Test]
    public void What_is_no_log_is_left_alone()
    {
        Fill();
        File.WriteAllText(LogFile, "a letter");
        using (Volume volume = Volume.Open(Home))
        {
            Assert.That(() => volume.KernelLog, Throws.TypeOf<VolumeException>());
            Assert.That(volume.Verify().IsSound, Is.False);
        }

        Assert.That(File.ReadAllText(LogFile), Is.EqualTo("a letter"));
    }

    [Test]
    public void A_missing_log_is_begun_again()
    {
        Fill();
        File.Delete(LogFile);
        using Volume volume = Volume.Open(Home);
        Assert.That(volume.KernelLog!.Records, Is.Empty);
        Assert.That(volume.Verify().IsSound);
    }

    [Test]
    public void Verify_reads_the_log_beside_its_writer()
    {
        using Volume volume = Volume.Open(Home, s_create);
        Assert.That(volume.Verify().IsSound);
        LogUse.Append(volume.KernelLog!, 1, 2, 3);
        volume.KernelLog!.Flush();
        LogUse.Append(volume.KernelLog, 4);
        Assert.That(volume.Verify().IsSound);
        using Volume reader = Volume.Open(Home, s_readOnly);
        Assert.That(reader.Verify().IsSound);
    }

    [Test]
    public void A_copy_has_the_newest_log()
    {
        using Volume volume = Volume.Open(Home, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1 << 20);
        driver.Commit("a", new() { [1] = 1 });
        using Volume copy = Volume.Open(_directory["copy"], s_create);
        volume.CopyTo(copy);
        Assert.That(File.Exists(_directory["copy/kernel.log"]), Is.False, "there is none");

        LogUse.Append(volume.KernelLog!, 1, 2);
        volume.KernelLog!.Flush();
        volume.CopyTo(copy);
        AssertCopied([1, 2]);
        LogUse.Append(volume.KernelLog, 3);
        volume.KernelLog.Flush();
        volume.CopyTo(copy);
        AssertCopied([1, 2, 3]);
        volume.KernelLog.Compact(LogUse.Records([4]));
        volume.CopyTo(copy);
        AssertCopied([4]);

        byte[] before = CopiedBytes();
        volume.CopyTo(copy);
        Assert.That(CopiedBytes(), Is.EqualTo(before), "nothing is new");
        Assert.That(driver.Reported.DifferenceTo(copy), Is.Null);
    }

    // On Windows it inherits what the parent directory allows, and Wine makes no links.
    [Test, LinuxOnly]
    public void It_is_its_owners_only_and_no_symbolic_link()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Fill();
        Assert.That(
            File.GetUnixFileMode(LogFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        File.Move(LogFile, _directory["elsewhere"]);
        File.CreateSymbolicLink(LogFile, _directory["elsewhere"]);
        using Volume volume = Volume.Open(Home);
        Assert.That(() => volume.KernelLog, Throws.TypeOf<VolumeException>().With.Message.Contains("symbolic link"));
    }

    private void AssertCopied(int[] numbers)
    {
        using Volume reader = Volume.Open(_directory["copy"], s_readOnly);
        Assert.That(LogUse.Difference(reader.KernelLog!.Records, numbers), Is.Null);
    }

    /// <summary>Of the copy's log, which is open.</summary>
    private byte[] CopiedBytes()
    {
        using var file = new FileStream(
            _directory["copy/kernel.log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private VolumeDriver Fill()
    {
        using Volume volume = Volume.Open(Home, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1 << 20);
        driver.Commit("a", new() { [1] = 1, [7] = 2 });
        LogUse.Append(volume.KernelLog!, 1, 2, 3);
        volume.KernelLog!.Flush();
        return driver;
    }
}
