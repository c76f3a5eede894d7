using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Readers beside a writer, all in this process, on a volume in a directory.</summary>
public class ReaderDirectoryTests
{
    private static readonly VolumeOptions s_create = new() { Create = true };
    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    private TemporaryDirectory _directory = null!;

    private string Home => _directory["home"];

    private string Readers => Path.Combine(Home, "readers");

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_reader_beside_the_writer_sees_the_commit_that_it_began_with()
    {
        using Volume writer = Volume.Open(Home, s_create);
        var driver = new VolumeDriver(writer);
        driver.Create("a", 1 << 20);
        driver.Commit("a", new() { [0] = 1, [5] = 2 });
        VolumeModel expected = driver.Reported;
        using Volume reader = Volume.Open(Home, s_readOnly);
        for (int i = 0; i < 50; i++)
        {
            driver.Commit("a", new() { [0] = i, [5] = i + 1 });
            driver.Discard("a", [.. driver.Reported.Containers["a"].Versions.Select(v => v.Interval).SkipLast(1)]);
        }

        Assert.That(expected.DifferenceTo(reader), Is.Null);
        Assert.That(reader.Verify().Damages, Is.Empty);
        using Volume later = Volume.Open(Home, s_readOnly);
        Assert.That(driver.Reported.DifferenceTo(later), Is.Null);
    }

    [Test]
    public void A_reader_writes_nothing_but_its_slot_and_cannot_be_made_to()
    {
        Volume.Open(Home, s_create).Dispose();
        byte[] before = File.ReadAllBytes(Path.Combine(Home, "data"));
        using (Volume reader = Volume.Open(Home, s_readOnly))
        {
            Assert.That(reader.IsReadOnly);
            Assert.That(
                () => reader.Create("a", 1, VolumeDriver.Manager),
                Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.PermissionDenied));
        }

        Assert.That(File.ReadAllBytes(Path.Combine(Home, "data")), Is.EqualTo(before));
        Assert.That(new FileInfo(Path.Combine(Home, "lock")).Length, Is.Zero);
    }

    [Test]
    public void A_reader_keeps_no_writer_out()
    {
        Volume.Open(Home, s_create).Dispose();
        using Volume reader = Volume.Open(Home, s_readOnly);
        using Volume writer = Volume.Open(Home);
        writer.Create("a", 1, VolumeDriver.Manager);
        Assert.That(reader.Containers, Is.Empty);
    }

    [Test]
    public void One_reader_more_than_there_are_places_is_refused_and_told_who_has_them()
    {
        using Volume writer = Volume.Open(Home, s_create);
        List<Volume> readers =
            [.. Enumerable.Range(0, Format.Readers.Slots).Select(_ => Volume.Open(Home, s_readOnly))];
        try
        {
            Assert.That(
                () => Volume.Open(Home, s_readOnly),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy)
                    .And.Message.Contains("64 places").And.Message.Contains($"processes {Environment.ProcessId}"));
            writer.Create("a", 1, VolumeDriver.Manager);

            readers[17].Dispose();
            readers[17] = Volume.Open(Home, s_readOnly);
            Assert.That(readers[17].Find("a"), Is.Not.Null);
        }
        finally
        {
            readers.ForEach(reader => reader.Dispose());
        }
    }

    [TestCase(0)]
    [TestCase(100)]
    [TestCase(5000)]
    public void Whatever_stands_in_the_file_of_readers_nobody_reads_wrong(int size)
    {
        var random = new Random(size);
        var garbage = new byte[size];
        random.NextBytes(garbage);
        VolumeModel expected;
        VolumeDriver driver;
        using (Volume writer = Volume.Open(Home, s_create))
        {
            driver = new VolumeDriver(writer);
            driver.Create("a", 1 << 20);
            driver.Commit("a", new() { [0] = 1 });
            expected = driver.Reported;
        }

        using (Volume reader = Volume.Open(Home, s_readOnly))
        {
            using (var file = new FileStream(Readers, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.SetLength(size);
                file.Write(garbage);
            }

            using Volume writer = Volume.Open(Home);
            driver = new VolumeDriver(writer, driver.Reported);
            for (int i = 0; i < 50; i++)
            {
                driver.Commit("a", new() { [0] = i + 2 });
                driver.Discard("a", (ulong)i + 1);
            }

            Assert.That(expected.DifferenceTo(reader), Is.Null);
        }

        File.Delete(Readers);
        using Volume again = Volume.Open(Home, s_readOnly);
        Assert.That(driver.Reported.DifferenceTo(again), Is.Null);
        Assert.That(new FileInfo(Readers).Length, Is.EqualTo(Format.Readers.FileSize));
    }

    [Test]
    public void Something_else_in_the_place_of_readers_is_refused()
    {
        Volume.Open(Home, s_create).Dispose();
        File.Delete(Readers);
        Directory.CreateDirectory(Readers);

        Assert.That(() => Volume.Open(Home), Throws.InstanceOf<VolumeException>());
        Assert.That(() => Volume.Open(Home, s_create), Throws.InstanceOf<VolumeException>());
    }
}
