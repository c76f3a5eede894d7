using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

public class VolumeDirectoryTests
{
    private static readonly VolumeOptions s_create = new() { Create = true };
    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    private TemporaryDirectory _directory = null!;

    private string Home => _directory["parent/home"];

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_volume_outlives_its_opener()
    {
        VolumeDriver driver;
        using (Volume volume = Volume.Open(Home, s_create))
        {
            driver = new VolumeDriver(volume);
            driver.Create("a", 1L << 40);
            driver.Commit("a", new(Enumerable.Range(0, 1000).ToDictionary(i => (ulong)i * 3, i => i)));
            Assert.That(driver.Reported.DifferenceTo(volume), Is.Null);
        }

        using Volume again = Volume.Open(Home);
        Assert.That(driver.Reported.DifferenceTo(again), Is.Null);
        Assert.That(again.Verify().IsSound);
    }

    [Test]
    public void Only_what_is_to_be_created_is_created()
    {
        Assert.That(() => Volume.Open(Home), Throws.TypeOf<VolumeException>().With.Message.Contains("no volume"));
        Assert.That(Directory.Exists(Home), Is.False);

        Volume.Open(Home, s_create).Dispose();
        Assert.That(Directory.GetFiles(Home).Select(Path.GetFileName).Order(), Is.EqualTo(["data", "lock", "readers"]));
    }

    // On Windows they inherit what the parent directory allows.
    [Test, LinuxOnly]
    public void The_directory_and_its_files_are_their_owners_only()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Volume.Open(Home, s_create).Dispose();
        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(File.GetUnixFileMode(Home), Is.EqualTo(ReadWrite | UnixFileMode.UserExecute));
        Assert.That(File.GetUnixFileMode(Path.Combine(Home, "data")), Is.EqualTo(ReadWrite));
        Assert.That(File.GetUnixFileMode(Path.Combine(Home, "lock")), Is.EqualTo(ReadWrite));
        Assert.That(File.GetUnixFileMode(Path.Combine(Home, "readers")), Is.EqualTo(ReadWrite));
    }

    // Wine says that it makes the link, and makes none.
    [LinuxOnly]
    [TestCase("")]
    [TestCase("data")]
    [TestCase("lock")]
    [TestCase("readers")]
    public void A_symbolic_link_in_its_place_is_refused(string name)
    {
        Volume.Open(Home, s_create).Dispose();
        string path = Path.Combine(Home, name).TrimEnd(Path.DirectorySeparatorChar);
        string target = _directory["elsewhere"];
        Directory.Move(path, target);
        _ = name.Length == 0 ? Directory.CreateSymbolicLink(path, target) : File.CreateSymbolicLink(path, target);

        Assert.That(() => Volume.Open(Home), Throws.TypeOf<VolumeException>());
    }

    [Test, LinuxOnly]
    public void The_directory_above_may_be_a_symbolic_link()
    {
        Directory.CreateDirectory(_directory["elsewhere"]);
        Directory.CreateSymbolicLink(_directory["parent"], _directory["elsewhere"]);

        Assert.That(() => Volume.Open(Home, s_create).Dispose(), Throws.Nothing);
        Assert.That(File.Exists(_directory["elsewhere/home/data"]));
    }

    [Test]
    public void A_second_writer_is_refused_and_told_who_the_first_is()
    {
        using Volume first = Volume.Open(Home, s_create);

        Assert.That(
            () => Volume.Open(Home),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy)
                .And.Message.Contains($"(process {Environment.ProcessId})"));
    }

    [Test]
    public void Another_process_holds_it_until_it_is_killed()
    {
        using ChildProcess child = ChildProcess.Start(HoldsVolume, Home);
        Assert.That(child.ReadLine(), Is.EqualTo("open"));
        Assert.That(
            () => Volume.Open(Home),
            Throws.TypeOf<KernelException>()
                .With.Property("Status").EqualTo(Status.Busy)
                .And.Message.Contains("(process "));

        child.Kill();
        child.WaitForExit();
        Assert.That(() => Volume.Open(Home).Dispose(), Throws.Nothing);
    }

    [Test]
    public void A_creation_cut_short_is_begun_again_but_a_foreign_file_is_left_alone()
    {
        Directory.CreateDirectory(Home);
        File.WriteAllBytes(Path.Combine(Home, "data"), new byte[5000]);
        Volume.Open(Home, s_create).Dispose();

        File.WriteAllText(Path.Combine(Home, "data"), "a letter");
        Assert.That(() => Volume.Open(Home, s_create), Throws.TypeOf<VolumeException>());
        Assert.That(File.ReadAllText(Path.Combine(Home, "data")), Is.EqualTo("a letter"));
    }

    [Child]
    private static int HoldsVolume(string[] args)
    {
        using Volume volume = Volume.Open(args[0], s_create);
        Console.WriteLine("open");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}
