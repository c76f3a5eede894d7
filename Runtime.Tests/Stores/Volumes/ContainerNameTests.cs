using NUnit.Framework;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Names of containers stand in blocks, never in paths.</summary>
public class ContainerNameTests
{
    public static readonly string[] Strange =
    [
        "../x", "..", ".", "/", "/etc/passwd", "a/b", "data", "lock", "readers", @"..\x", @"C:\x", @"\\server\share",
        "CON", "nul", "NUL.txt", "COM1", "aux:stream", "a:b", "~", "$HOME", "%TEMP%", "-", "--help", "*", "a|b", "\"",
        "'", "ü", "\u202Egnp", new('n', 255),
    ];

    private static readonly string[] s_impossible =
        ["", "a\0b", "\n", "a\u001Bb", " a", "a ", "\uD800", new('n', 256), new('ü', 128)];

    [Test]
    public void A_name_that_would_mean_something_as_a_path_is_only_a_name()
    {
        using var directory = new TemporaryDirectory();
        string home = directory["home"];
        using (Volume volume = Volume.Open(home, new VolumeOptions { Create = true }))
        {
            var driver = new VolumeDriver(volume);
            foreach (string name in Strange)
            {
                driver.Create(name, 1 << 20);
                driver.Commit(name, new() { [0] = name.Length });
                string clone = name.Length == 255 ? name[1..] : name + "/clone";
                driver.Clone(name, interval: null, clone);
                volume.Rename(volume.Find(clone)!, clone + "'", replaces: false);
                volume.Delete(volume.Find(clone + "'")!);
                driver.Delete(name);
                driver.Create(name, 1 << 20);
            }
        }

        using Volume again = Volume.Open(home);
        Assert.That(
            again.Containers.Select(container => container.Name),
            Is.EqualTo(Strange.Order(StringComparer.Ordinal)));
        Assert.That(
            Directory.GetFileSystemEntries(directory.Path, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(directory.Path, path).Replace('\\', '/')).Order(),
            Is.EqualTo(["home", "home/data", "home/lock", "home/readers"]));
    }

    [Test]
    public void A_name_that_is_none_is_refused()
    {
        using var directory = new TemporaryDirectory();
        using Volume volume = Volume.Open(directory["home"], new VolumeOptions { Create = true });
        ContainerRecord record = volume.Create("a", 1, VolumeDriver.Manager);

        Assert.Multiple(() =>
        {
            foreach (string name in s_impossible)
            {
                Assert.That(() => volume.Create(name, 1, VolumeDriver.Manager), Throws.InstanceOf<ArgumentException>());
                Assert.That(() => volume.Create("b", 1, name), Throws.InstanceOf<ArgumentException>());
                Assert.That(() => volume.Clone(record, null, name), Throws.InstanceOf<ArgumentException>());
                Assert.That(() => volume.Rename(record, name, replaces: true), Throws.InstanceOf<ArgumentException>());
            }
        });
        Assert.That(volume.Containers, Has.Count.EqualTo(1));
    }
}
