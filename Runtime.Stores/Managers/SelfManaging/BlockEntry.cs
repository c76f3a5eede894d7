using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers.SelfManaging;

/// <summary>
/// Where a page is, in 64 bits: the block below, the checksum of its content above; 0 for a page of zeroes.
/// </summary>
internal static class BlockEntry
{
    internal static ulong Of(uint block, ReadOnlySpan<byte> content) =>
        ((ulong)Crc32C.Compute(content) << 32) | block;

    internal static uint BlockOf(ulong entry) => (uint)entry;

    /// <exception cref="VolumeException">The disk fails, or the block holds something else.</exception>
    internal static void Read(IDisk disk, ulong entry, Span<byte> destination)
    {
        if (entry == 0)
        {
            destination.Clear();
            return;
        }

        disk.ReadBlocks(new BlockNumber(BlockOf(entry)), destination);
        if (Crc32C.Compute(destination) != (uint)(entry >> 32))
        {
            throw new VolumeException(
                Status.IoError, $"block {BlockOf(entry)} does not hold what its table says: its checksum is wrong");
        }
    }
}
