using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using NUnit.Framework;
using NUnit.Framework.Constraints;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Volumes on real file systems that are full, become read-only, are so, or cannot lock.</summary>
[LinuxOnly]
[SupportedOSPlatform("linux")]
[Category("Mounts")]
public class FileSystemTests
{
    private const int Pages = 700;
    private const uint Nobody = 65_534;

    private static readonly VolumeOptions s_create = new() { Create = true };
    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [TestCase("tmpfs", 24)]
    [TestCase("ext4", 48)]
    [TestCase("xfs", 300)]
    public void A_full_disk_loses_nothing_and_discarding_makes_room_on_it(string kind, int megabytes)
    {
        RequireMaker(kind);
        Expect("done", FillsADisk, kind, $"{megabytes << 20}");
    }

    [Test]
    public void A_file_system_that_becomes_read_only_fails_commits_and_nothing_else()
    {
        RequireMaker("ext4");
        Requires.Command("e2fsck", "e2fsprogs");
        Expect("done", WritesUntilReadOnly);
    }

    [TestCase("tmpfs")]
    [TestCase("ext4")]
    public void A_volume_on_a_read_only_file_system_can_be_read_by_as_many_as_like(string kind)
    {
        RequireMaker(kind);
        Expect("done", ReadsWhereNothingCanBeWritten, kind);
    }

    [Test]
    public void Whoever_reads_through_a_read_only_mount_keeps_the_writer_out_and_it_him() =>
        Expect("done", ReadsThroughAReadOnlyMount);

    [TestCase(Seccomp.FlockX64, "flock")]
    [TestCase(Seccomp.FcntlX64, "fcntl")]
    public void A_file_system_that_cannot_lock_is_refused(int call, string name)
    {
        Requires.Permission(
            RuntimeInformation.ProcessArchitecture == Architecture.X64, "the filter knows x86-64 only");
        ChildExit exit = ChildProcess.Run(OpensWithoutLocks, _directory.Path, $"{call}", name);
        Assert.That(exit, Has.Property("Code").Zero, exit.Error + exit.Output);
    }

    [Test]
    public void Who_may_only_read_the_directory_reads_while_nobody_writes()
    {
        Requires.Permission(Environment.IsPrivilegedProcess, "only root becomes somebody else");
        ChildExit exit = ChildProcess.Run(ReadsAsNobody, _directory.Path);
        Assert.That(exit, Has.Property("Code").Zero, exit.Error + exit.Output);
    }

    private static void RequireMaker(string kind)
    {
        if (kind != "tmpfs")
        {
            Requires.Command($"mkfs.{kind}", kind == "xfs" ? "xfsprogs" : "e2fsprogs");
        }
    }

    private void Expect(string said, Func<string[], int> child, params string[] args)
    {
        using ChildProcess process = PrivateMounts.Start(child, [_directory.Path, .. args]);
        ChildExit exit = process.WaitForExit();
        Assert.That(exit, Has.Property("Code").Zero, exit.Error + exit.Output);
        Assert.That(exit.Output, Does.Contain(said));
        TestContext.Out.WriteLine(exit.Output);
    }

    [Child]
    private static int FillsADisk(string[] args)
    {
        string home = Path.Combine(
            PrivateMounts.Make(args[0], args[1], long.Parse(args[2], null)), "home");
        VolumeModel model;
        using (Volume volume = Volume.Open(home, s_create))
        {
            var driver = new VolumeDriver(volume);
            driver.Create("a", Pages * PageNumber.Size);
            int versions = 0;
            VolumeException full = Assert.Throws<VolumeException>(() =>
            {
                while (true)
                {
                    driver.Commit("a", Content(++versions));
                }
            })!;
            Assert.That(full.Status, Is.EqualTo(Status.NoResources));
            Assert.That(versions, Is.GreaterThan(3));
            AssertHolds(volume, driver.Reported);
            Assert.That(() => driver.Commit("a", Content(0)), Throws.TypeOf<VolumeException>(), "still");
            AssertHolds(volume, model = driver.Reported);
            Console.WriteLine($"full after {versions} versions: {full.Message}");
        }

        using (Volume reader = Volume.Open(home, s_readOnly))
        {
            AssertHolds(reader, model);
        }

        using (Volume volume = Volume.Open(home))
        {
            var driver = new VolumeDriver(volume, model);
            for (int round = 0; round < 3; round++)
            {
                ulong[] versions = [.. driver.Reported.Containers["a"].Versions.Select(version => version.Interval)];
                driver.Discard("a", versions[..2]);
                driver.Commit("a", Content(1000 + round));
            }

            AssertHolds(volume, driver.Reported);
        }

        Console.WriteLine("done");
        return 0;
    }

    [Child]
    private static int WritesUntilReadOnly(string[] args)
    {
        string mounted = PrivateMounts.Make(args[0], "ext4", 64 << 20, "errors=remount-ro");
        string home = Path.Combine(mounted, "home");
        string device = PrivateMounts.Run("findmnt", "-n", "-o", "SOURCE", mounted).Trim();
        VolumeModel model;
        using (Volume volume = Volume.Open(home, s_create))
        {
            var driver = new VolumeDriver(volume);
            driver.Create("a", Pages * PageNumber.Size);
            driver.Commit("a", Content(1));
            driver.Commit("a", Content(2));
            File.WriteAllText($"/sys/fs/ext4/{Path.GetFileName(device)}/trigger_fs_error", "a test wants it read-only");

            for (int attempt = 0; attempt < 3; attempt++)
            {
                VolumeException refused = Assert.Throws<VolumeException>(() => driver.Commit("a", Content(3)))!;
                Console.WriteLine($"{refused.Status}: {refused.Message}");
            }

            AssertHolds(volume, model = driver.Reported);
        }

        using (Volume reader = Volume.Open(home, s_readOnly))
        {
            AssertHolds(reader, model);
        }

        Assert.That(() => Volume.Open(home), Throws.TypeOf<VolumeException>());
        PrivateMounts.Run("umount", mounted);
        int repaired = PrivateMounts.Try("e2fsck", "-p", PrivateMounts.ImageIn(args[0])).Code;
        Assert.That(repaired, Is.LessThanOrEqualTo(1), "errors that are left");
        PrivateMounts.Run("mount", "-o", "loop", PrivateMounts.ImageIn(args[0]), mounted);
        using (Volume volume = Volume.Open(home))
        {
            AssertHolds(volume, model);
            new VolumeDriver(volume, model).Commit("a", Content(3));
        }

        Console.WriteLine("done");
        return 0;
    }

    [Child]
    private static int ReadsWhereNothingCanBeWritten(string[] args)
    {
        string mounted = PrivateMounts.Make(args[0], args[1], 32 << 20);
        string home = Path.Combine(mounted, "home");
        VolumeModel model = Prepare(home);
        File.Delete(Path.Combine(home, "readers"));
        for (int round = 0; round < 2; round++)
        {
            PrivateMounts.Run("mount", "-o", "remount,ro", mounted);
            List<Volume> readers =
                [.. Enumerable.Range(0, Format.Readers.Slots + 3).Select(_ => Volume.Open(home, s_readOnly))];
            readers.ForEach(reader => AssertHolds(reader, model));
            Assert.That(() => Volume.Open(home), Throws.TypeOf<VolumeException>().With.Message.Contains("Read-only"));
            readers.ForEach(reader => reader.Dispose());

            // The second time without even a file to lock.
            PrivateMounts.Run("mount", "-o", "remount,rw", mounted);
            File.Delete(Path.Combine(home, "lock"));
        }

        Console.WriteLine("done");
        return 0;
    }

    [Child]
    private static int ReadsThroughAReadOnlyMount(string[] args)
    {
        string home = Path.Combine(args[0], "home");
        string bound = Path.Combine(args[0], "bound");
        Directory.CreateDirectory(bound);
        VolumeModel model = Prepare(home);
        PrivateMounts.Run("mount", "--bind", home, bound);
        PrivateMounts.Run("mount", "-o", "remount,bind,ro", bound);
        using (Volume reader = Volume.Open(bound, s_readOnly))
        {
            AssertHolds(reader, model);
            Assert.That(
                () => Volume.Open(home), Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
        }

        using (Volume.Open(home))
        {
            Assert.That(
                () => Volume.Open(bound, s_readOnly),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy)
                    .And.Message.Contains($"(process {Environment.ProcessId})"));
        }

        Console.WriteLine("done");
        return 0;
    }

    [Child]
    private static int OpensWithoutLocks(string[] args)
    {
        string home = Path.Combine(args[0], "home");
        Prepare(home);
        int call = int.Parse(args[1], null);
        if (call == Seccomp.FlockX64)
        {
            Seccomp.AnswerError(Seccomp.ENOLCK, call);
        }
        else
        {
            Seccomp.AnswerErrorTo(call, secondArgument: 36, Seccomp.ENOLCK);
            Seccomp.AnswerErrorTo(call, secondArgument: 37, Seccomp.ENOLCK);
            Assert.That(() => Volume.Open(home, s_readOnly), FailsToLock(args[2]));
        }

        Assert.That(() => Volume.Open(home), FailsToLock(args[2]));
        return 0;
    }

    [Child]
    private static int ReadsAsNobody(string[] args)
    {
        // Everything is loaded once: who becomes nobody may not reach the libraries any more.
        string home = Path.Combine(args[0], "home");
        VolumeModel model = Prepare(home);
        using (Volume reader = Volume.Open(home, s_readOnly))
        {
            AssertHolds(reader, model);
        }

        const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Enter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(args[0], ForAll | Enter);
        File.SetUnixFileMode(home, ForAll | Enter);
        foreach (string file in Directory.GetFiles(home))
        {
            File.SetUnixFileMode(file, ForAll);
        }

        Volume writer = Volume.Open(home);
        Assert.That(setgid(Nobody) == 0 && setuid(Nobody) == 0);
        Assert.That(
            () => Volume.Open(home, s_readOnly),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy)
                .And.Message.Contains($"(process {Environment.ProcessId})"));
        writer.Dispose();
        using Volume nobodys = Volume.Open(home, s_readOnly);
        AssertHolds(nobodys, model);
        Assert.That(
            () => Volume.Open(home),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.PermissionDenied)
                .And.Message.Contains("belongs to user").Or.Message.Contains("Permission denied"));
        return 0;
    }

    private static ContainsConstraint FailsToLock(string call) =>
        Throws.TypeOf<VolumeException>().With.Message.Contains(call).And.Message.Contains("No locks available");

    private static VolumeModel Prepare(string home)
    {
        using Volume volume = Volume.Open(home, s_create);
        var driver = new VolumeDriver(volume);
        driver.Create("a", Pages * PageNumber.Size);
        driver.Commit("a", Content(1));
        driver.Commit("a", new() { [5] = 6 });
        return driver.Reported;
    }

    private static SortedDictionary<ulong, int> Content(int version) =>
        new(Enumerable.Range(0, Pages).ToDictionary(page => (ulong)page, page => (version * Pages) + page + 1));

    private static void AssertHolds(Volume volume, VolumeModel model)
    {
        Assert.That(model.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int setuid(uint uid);

    [DllImport("libc", SetLastError = true)]
    private static extern int setgid(uint gid);
}
