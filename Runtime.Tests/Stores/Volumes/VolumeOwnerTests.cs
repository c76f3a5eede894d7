using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

[LinuxOnly]
[SupportedOSPlatform("linux")]
public class VolumeOwnerTests
{
    private const uint Somebody = 54_321;

    private static readonly string[] s_places = ["", "data", "lock", "readers"];

    private TemporaryDirectory _directory = null!;

    private string Home => _directory["home"];

    [SetUp]
    public void CreateVolume()
    {
        _directory = new TemporaryDirectory();
        Volume.Open(Home, new VolumeOptions { Create = true }).Dispose();
    }

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void What_others_may_write_is_not_opened_for_writing(
        [ValueSource(nameof(s_places))] string place,
        [Values(UnixFileMode.GroupWrite, UnixFileMode.OtherWrite)] UnixFileMode right)
    {
        UnixFileMode before = File.GetUnixFileMode(PathOf(place));
        File.SetUnixFileMode(PathOf(place), before | right);
        AssertRefused(place, "may be written by others");

        File.SetUnixFileMode(PathOf(place), before);
        Volume.Open(Home).Dispose();
    }

    [Test]
    public void What_belongs_to_somebody_else_is_not_opened_for_writing([ValueSource(nameof(s_places))] string place)
    {
        Requires.Permission(Environment.IsPrivilegedProcess, "only root gives files away");
        Own(place, Somebody);
        AssertRefused(place, $"belongs to user {Somebody}, this process to user 0");

        Own(place, 0);
        Volume.Open(Home).Dispose();
    }

    [Test]
    public void What_others_may_read_is_opened()
    {
        foreach (string place in s_places)
        {
            File.SetUnixFileMode(
                PathOf(place),
                File.GetUnixFileMode(PathOf(place)) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        Assert.That(() => Volume.Open(Home).Dispose(), Throws.Nothing);
    }

    private void AssertRefused(string place, string reason)
    {
        foreach (bool create in (bool[])[false, true])
        {
            Assert.That(
                () => Volume.Open(Home, new VolumeOptions { Create = create }),
                Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.PermissionDenied)
                    .And.Message.Contains(reason).And.Message.StartsWith($"'{PathOf(place)}'"));
        }

        Assert.That(() => Volume.Open(Home, new VolumeOptions { ReadOnly = true }).Dispose(), Throws.Nothing);
    }

    private void Own(string place, uint user) => Assert.That(chown(PathOf(place), user, uint.MaxValue), Is.Zero);

    private string PathOf(string place) => Path.Combine(Home, place).TrimEnd('/');

    [DllImport("libc", SetLastError = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);
}
