using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>The bounds of a pointer: they hold where the checksum is right and the block wrong all the same.</summary>
public class BlockReaderTests
{
    private const long End = 10;

    private static readonly BlockPointer s_holder = new(Block: 5, Birth: 7, Checksum: 1);

    [TestCase(0, 0)]
    [TestCase(4, 7)]
    [TestCase(9, 0)]
    public void A_pointer_into_the_volume_to_something_as_old_or_older_is_followed(long block, long birth) =>
        Assert.That(() => Check(new BlockPointer(block, birth, Checksum: 0)), Throws.Nothing);

    [TestCase(3, 0, TestName = "A pointer to a superblock is refused")]
    [TestCase(End, 0, TestName = "A pointer to the end is refused")]
    [TestCase(End + 1, 0, TestName = "A pointer beyond the end is refused")]
    [TestCase(4, 8, TestName = "A pointer to something younger than its holder is refused")]
    [TestCase(0, 1, TestName = "A hole that was born is refused")]
    public void A_pointer_that_no_writer_writes_is_refused(long block, long birth) => Assert.That(
        () => Check(new BlockPointer(block, birth, Checksum: 0)),
        Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.IoError));

    private static void Check(BlockPointer pointer)
    {
        using var disk = new SimulatedDisk();
        new BlockReader(disk, End).Check(pointer, s_holder);
    }
}
