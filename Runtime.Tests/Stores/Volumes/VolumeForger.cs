using System.Buffers.Binary;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Makes of a sound volume one that no writer makes, with every checksum right.</summary>
/// <remarks>It rewrites the newest commit from the superblock down, and lies on the way.</remarks>
internal sealed class VolumeForger(IDisk disk, Random random)
{
    private const int Depth = 7;

    public void Forge()
    {
        for (int slot = 0; slot < 2; slot++)
        {
            byte[] superblock = Read(slot * 2);
            ForgePointer(superblock.AsSpan(Format.Superblock.Catalogue), Depth);
            if (random.Next(3) == 0)
            {
                ForgePointer(superblock.AsSpan(Format.Superblock.Space), Depth);
            }

            if (random.Next(4) == 0)
            {
                Lie(superblock, 16, 104);
            }

            BinaryPrimitives.WriteUInt32LittleEndian(
                superblock.AsSpan(Format.Superblock.Checksum),
                Crc32C.Compute(superblock.AsSpan(0, Format.Superblock.Checksum)));
            disk.WriteBlocks(new BlockNumber(slot * 2), superblock);
            disk.WriteBlocks(new BlockNumber((slot * 2) + 1), superblock);
        }
    }

    /// <summary>Changes what a pointer leads to, and the pointer so that it fits, unless it lies itself.</summary>
    private void ForgePointer(Span<byte> place, int depth)
    {
        BlockPointer pointer = BlockPointer.Read(place);
        if (pointer.IsHole || pointer.Block >= disk.BlockCount || depth == 0)
        {
            return;
        }

        byte[] block = Read(pointer.Block);
        for (int changes = random.Next(3); changes > 0; changes--)
        {
            int offset = random.Next(IDisk.BlockSize / 16) * 16;
            switch (random.Next(5))
            {
                case 0: Lie(block, 0, 200); break;
                case 4: Lie(block, 0, 6 * Format.ContainerVersion.Size); break;
                case 1: place[..16].CopyTo(block.AsSpan(offset)); break; // a cycle, if anyone follows it
                case 2:
                    new BlockPointer(random.Next(20), random.Next(20), (uint)random.Next()).Write(block.AsSpan(offset));
                    break;
                default: Lie(block, offset, offset + 16); break;
            }
        }

        int[] offsets =
        [
            0, 16, 32, Format.Container.Versions,
            Format.ContainerVersion.Size + Format.ContainerVersion.Map,
            Format.ContainerVersion.Size + Format.ContainerVersion.Dead,
            (2 * Format.ContainerVersion.Size) + Format.ContainerVersion.Map,
            (2 * Format.ContainerVersion.Size) + Format.ContainerVersion.Dead,
            (3 * Format.ContainerVersion.Size) + Format.ContainerVersion.Dead,
            (4 * Format.ContainerVersion.Size) + Format.ContainerVersion.Dead,
        ];
        foreach (int offset in offsets)
        {
            ForgePointer(block.AsSpan(offset), depth - 1);
        }

        disk.WriteBlocks(new BlockNumber(pointer.Block), block);
        new BlockPointer(pointer.Block, pointer.Birth, Crc32C.Compute(block)).Write(place);
    }

    private void Lie(byte[] bytes, int from, int to)
    {
        int offset = random.Next(from, to);
        bytes[offset] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
    }

    private byte[] Read(long block)
    {
        var bytes = new byte[IDisk.BlockSize];
        disk.ReadBlocks(new BlockNumber(block), bytes);
        return bytes;
    }
}
