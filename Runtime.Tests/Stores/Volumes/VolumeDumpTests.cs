using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

public class VolumeDumpTests
{
    private static readonly string[] s_kinds =
    [
        "a copy of a superblock",
        "the block of container N",
        "a node of level N of the versions of 'a', from N on",
        "the versions of 'a' in the places N to N",
        "a node of level N of the map of interval N of 'a', from N on",
        "page N of interval N of 'a'",
        "the dead list of interval N of 'a'",
        "the bitmap of region N",
        "free",
    ];

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void FillVolume()
    {
        _directory = new TemporaryDirectory();
        using Volume volume = Volume.Open(_directory.Path, new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1L << 40);
        for (int i = 1; i <= 40; i++)
        {
            driver.Commit("a", new() { [0] = i, [(ulong)i * 1000] = i });
        }
    }

    [TearDown]
    public void DeleteVolume() => _directory.Dispose();

    [Test]
    public void Superblocks_are_shown_field_by_field_damaged_or_not()
    {
        FlipByte(4096);
        string text = Superblocks();
        Assert.That(text, Does.Contain("superblock b0: newest").Or.Contain("superblock b2: newest"));
        Assert.That(text, Does.Contain("superblock b1: damaged: it does not begin as a superblock does"));
        Assert.That(text, Does.Contain("the commit before"));
        Assert.That(text, Does.Match(@"  sequence +41\n"));
        Assert.That(text, Does.Match(@"  catalogue +b[0-9a-f]+, birth \d+, checksum [0-9a-f]{8}, height \d\n"));
    }

    [Test]
    public void Every_block_in_use_is_told_what_it_is()
    {
        var kinds = new HashSet<string>();
        using (FileDisk disk = FileDisk.Open(Path.Combine(_directory.Path, "data"), isReadOnly: true))
        {
            for (long block = 0; block < disk.BlockCount; block++)
            {
                string text = Block(block);
                Match role = Regex.Match(text, "^is (.*)$", RegexOptions.Multiline);
                kinds.Add(Regex.Replace(role.Success ? role.Groups[1].Value : "free", @"\d+", "N"));
            }
        }

        Assert.That(kinds, Is.SupersetOf(s_kinds));
    }

    [Test]
    public void What_leads_to_a_block_is_what_stands_in_the_block_that_does()
    {
        string newest = Superblocks().Split(": newest\n")[1];
        string pointer = Regex.Match(newest, @"catalogue +b([0-9a-f]+), birth \d+, checksum ([0-9a-f]{8})").Value;
        long catalogue = long.Parse(
            Regex.Match(pointer, "b([0-9a-f]+),").Groups[1].Value,
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture);
        string text = Block(catalogue);
        Assert.That(text, Does.Contain($"checksum {pointer[^8..]}\n"));
        Assert.That(text, Does.Contain("is a node of level 1 of the catalogue, from 0 on"));
        Assert.That(text, Does.Match(@"  slot 1 +b[0-9a-f]+, birth 4\d|  slot 1 +b[0-9a-f]+, birth \d+"));
    }

    [Test]
    public void A_block_beyond_the_end_is_refused() => Assert.That(
        () => Block(1 << 30), Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.OutOfRange));

    private string Superblocks()
    {
        using var text = new StringWriter { NewLine = "\n" };
        VolumeDump.WriteSuperblocks(_directory.Path, text);
        return text.ToString();
    }

    private string Block(long block)
    {
        using var text = new StringWriter { NewLine = "\n" };
        VolumeDump.WriteBlock(_directory.Path, new BlockNumber(block), text);
        return text.ToString();
    }

    private void FlipByte(long offset)
    {
        using FileStream data = File.Open(Path.Combine(_directory.Path, "data"), FileMode.Open);
        data.Position = offset;
        int old = data.ReadByte();
        data.Position = offset;
        data.WriteByte((byte)(old ^ 1));
    }
}
