using System.Security.Cryptography;
using NUnit.Framework;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>One volume with some of everything: its bytes change only when the format's number does.</summary>
public class GoldenVolumeTests
{
    private const string Sha256 = "7FC75BBC30DC144378E54341D3D06DCBD5EE7F422E9670152582CABD80533D4B";

    [Test]
    public void The_same_changes_make_the_bytes_of_format_version_1_which_read_as_they_did()
    {
        var disk = new SimulatedDisk();
        VolumeModel model = Make(disk);

        Assert.That(Format.Version, Is.EqualTo(1));
        Assert.That(Convert.ToHexString(SHA256.HashData(Bytes(disk))), Is.EqualTo(Sha256));
        using Volume volume = Volume.Open(disk.Reopen(), new VolumeOptions { ReadOnly = true });
        Assert.That(model.DifferenceTo(volume), Is.Null);
        Assert.That(volume.Verify().Damages, Is.Empty);
        Assert.That(
            volume.Statistics,
            Is.EqualTo(new VolumeStatistics(Blocks: 549, InUse: 431, Free: 99, Dead: 161, Reserve: 64)));
    }

    /// <summary>Several versions, a clone, a restore, discards, a hole, growth and shrinking, and a deletion.</summary>
    private static VolumeModel Make(SimulatedDisk disk)
    {
        using Volume volume = Volume.Open(disk, new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        driver.Create("notes", 8 << 20);
        driver.Commit("notes", new(Enumerable.Range(0, 400).ToDictionary(i => (ulong)i, i => i + 1)));
        driver.Commit("notes", new() { [0] = 1000, [7] = 0, [2000] = 1001 });
        driver.Clone("notes", 2, "copy");
        driver.Commit("notes", new() { [1] = 1002 }, newLength: 1 << 20);
        driver.Restore("notes", 2);
        driver.Commit("notes", new() { [2] = 1003, [1 << 20] = 1004 }, newLength: 1L << 40);
        driver.Commit("copy", new() { [0] = 1005 });
        driver.Create("short", 4096);
        driver.Commit("notes", new() { [3] = 1006 });
        driver.Discard("notes", 2, 4);
        driver.Delete("short");
        return driver.Reported;
    }

    private static byte[] Bytes(SimulatedDisk disk)
    {
        var bytes = new byte[disk.BlockCount * IDisk.BlockSize];
        disk.ReadBlocks(new BlockNumber(0), bytes);
        return bytes;
    }
}
