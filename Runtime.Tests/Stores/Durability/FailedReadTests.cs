using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Durability;

/// <summary>
/// A read that fails once says nothing of what is there: nothing is taken for damaged, or for gone. A container whose
/// block could not be read was ContainerGone once, when it was asked for by its id.
/// </summary>
public class FailedReadTests
{
    private const int Containers = 3;

    private TemporaryDirectory _directory = null!;
    private SimulatedFileSystem _system = null!;
    private string _home = null!;
    private ContainerRecord _record = null!;

    [SetUp]
    public void FillVolume()
    {
        _directory = new TemporaryDirectory();
        _system = new SimulatedFileSystem(_directory.Path, seed: 1);
        _home = _directory["home"];
        using Volume volume = Volume.Open(_home, new VolumeOptions { Create = true }, _system);
        var driver = new VolumeDriver(volume);
        for (int i = 0; i < Containers; i++)
        {
            driver.Create($"c{i}", 1 << 22);
            driver.Commit($"c{i}", new() { [0] = i + 1, [700] = i + 10 });
        }

        _record = volume.Find("c1")!;
    }

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void Whichever_read_fails_a_container_asked_for_by_its_id_is_not_gone(
        [Values("history", "map", "draft", "discard")] string what)
    {
        int reads = 0;
        int count = 0;
        for (int skipped = 0; ; skipped++)
        {
            // Each time another process, which knows nothing yet.
            using Volume volume = Volume.Open(_home, new VolumeOptions(), _system);
            _system.FailNext(SystemCall.Read, SimulatedError.Medium, skipped);
            VolumeException? told = null;
            try
            {
                Do(what, volume, _record);
            }
            catch (VolumeException failure)
            {
                told = failure;
                Assert.That(failure.Status, Is.EqualTo(Status.IoError), $"read {skipped}");
                Assert.That(failure.Message, Does.Contain("read '"), $"read {skipped}");
            }

            if (_system.Failed is null)
            {
                Assert.That(told, Is.Null);
                break;
            }

            // The block of another container is not missed.
            reads++;
            count += told is null ? 0 : 1;
            Do(what, volume, _record);
            Assert.That(volume.Verify().IsSound);
        }

        TestContext.Out.WriteLine($"{what}: {reads} reads failed, of {count} an exception told");
        Assert.That(count, Is.GreaterThanOrEqualTo(2));
    }

    private static void Do(string what, Volume volume, ContainerRecord record)
    {
        switch (what)
        {
            case "history":
                Assert.That(volume.History(record), Has.Count.EqualTo(1));
                break;
            case "map":
                using (VersionMap map = volume.OpenMap(record))
                {
                    Assert.That(map.ReadPage(new PageNumber(700), new byte[PageNumber.Size]));
                }

                break;
            case "draft":
                volume.OpenDraft(record).Dispose();
                break;
            default:
                volume.Discard(record, []);
                break;
        }
    }
}
