using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class SuperblockTests
{
    [Test]
    public void Its_bytes_are_those_of_format_version_1()
    {
        var superblock = new Superblock(
            Sequence: 0x1122,
            End: 0x3344,
            NextBirth: 0x5566,
            NextContainerId: 0x7788,
            BlocksInUse: 0x99AA,
            BlocksDead: 0xBBCC,
            new TreeRoot(new BlockPointer(Block: 0x0102_0304_0506, Birth: 0x5_5550, Checksum: 0xA1B2C3D4), Height: 2),
            new TreeRoot(new BlockPointer(Block: 7, Birth: 8, Checksum: 9), Height: 1));
        const string Golden =
            "4B415459444944000100000000100000" // magic, version, block size
            + "22110000000000004433000000000000" // sequence, end
            + "66550000000000008877000000000000" // next birth, next container id
            + "AA99000000000000CCBB000000000000" // blocks in use and dead
            + "0605040302015055050000 00D4C3B2A1" // catalogue: block, birth, checksum
            + "02000000" // its height
            + "07000000000008000000000009000000" // free space
            + "01000000"; // its height

        byte[] block = superblock.Encode();
        Assert.That(
            Convert.ToHexString(block, 0, 104),
            Is.EqualTo(Golden.Replace(" ", string.Empty, StringComparison.Ordinal)));
        Assert.That(block[104..4092], Is.All.Zero);
        Assert.That(BitConverter.ToUInt32(block, 4092), Is.EqualTo(Crc32C.ComputeInSoftware(block.AsSpan(0, 4092))));
    }

    [Test]
    public void What_was_encoded_is_decoded_in_its_slot_only()
    {
        var superblock = Superblock.First with
        {
            Sequence = 7,
            Catalogue = new TreeRoot(new BlockPointer(9, 7, 1), 1),
        };
        byte[] block = superblock.Encode();

        Assert.That(Superblock.Decode(block, slot: 1), Is.EqualTo(superblock));
        Assert.That(Superblock.Decode(block, slot: 0), Is.Null);
    }
}
