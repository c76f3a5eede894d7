using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class BlockPointerTests
{
    [TestCase(0, 0, 0u)]
    [TestCase(4, 1, 0xFFFF_FFFFu)]
    [TestCase((1L << 48) - 1, (1L << 48) - 1, 0x8000_0001u)]
    [TestCase(0x0102_0304_0506, 0x0A0B_0C0D_0E0F, 0x1234_5678u)]
    public void What_was_written_is_read(long block, long birth, uint checksum)
    {
        var pointer = new BlockPointer(block, birth, checksum);
        var bytes = new byte[Format.Pointer.Size];
        pointer.Write(bytes);

        Assert.That(BlockPointer.Read(bytes), Is.EqualTo(pointer));
    }
}
