using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

public class RenameTests
{
    [Test]
    public void A_container_takes_another_name_with_its_versions()
    {
        using var directory = new TemporaryDirectory();
        using (Volume volume = Volume.Open(directory.Path, new VolumeOptions { Create = true }))
        {
            ContainerRecord first = Create(volume, "a", 1);
            Assert.That(volume.Rename(first, "b", replaces: false).Name, Is.EqualTo("b"));
            Assert.That(volume.Find("a"), Is.Null);
        }

        using Volume again = Volume.Open(directory.Path);
        Assert.That(again.Containers.Single().Name, Is.EqualTo("b"));
        Assert.That(again.History(again.Find("b")!), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_name_in_use_is_refused_unless_it_is_replaced()
    {
        using var directory = new TemporaryDirectory();
        using Volume volume = Volume.Open(directory.Path, new VolumeOptions { Create = true });
        ContainerRecord first = Create(volume, "a", 1);
        Create(volume, "b", 2);
        Assert.That(
            () => volume.Rename(first, "b", replaces: false),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.AlreadySet));

        volume.Rename(first, "b", replaces: true);
        var page = new byte[PageNumber.Size];
        using VersionMap map = volume.OpenMap(volume.Containers.Single());
        map.ReadPage(new PageNumber(0), page);
        Assert.That(page[0], Is.EqualTo(1));
        Assert.That(volume.Verify().IsSound, Is.True);
    }

    private static ContainerRecord Create(Volume volume, string name, byte content)
    {
        ContainerRecord record = volume.Create(name, PageNumber.Size, "snapshotting");
        using VersionDraft draft = volume.OpenDraft(record);
        var page = new byte[PageNumber.Size];
        page.AsSpan().Fill(content);
        draft.Write(new PageNumber(0), page);
        volume.Commit(draft, DateTimeOffset.UtcNow).Dispose();
        return record;
    }
}
