using System.Numerics;
using System.Runtime.InteropServices;
using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Disks;

/// <summary>The content of one block of an image; never changed once made, so images share it.</summary>
internal sealed class ImageBlock
{
    public const int Sectors = IDisk.BlockSize / SectorSize;

    private const int SectorSize = 512;

    private readonly byte[] _bytes;
    private readonly ulong[] _hashes = new ulong[Sectors];

    public ImageBlock(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes.ToArray();
        for (int sector = 0; sector < Sectors; sector++)
        {
            _hashes[sector] = HashOf(bytes.Slice(sector * SectorSize, SectorSize));
        }
    }

    private ImageBlock(ImageBlock below, ImageBlock above, int sectors)
    {
        _bytes = [.. below._bytes];
        for (int sector = 0; sector < Sectors; sector++)
        {
            bool isAbove = (sectors & (1 << sector)) != 0;
            _hashes[sector] = (isAbove ? above : below)._hashes[sector];
            if (isAbove)
            {
                above._bytes.AsSpan(sector * SectorSize, SectorSize).CopyTo(_bytes.AsSpan(sector * SectorSize));
            }
        }
    }

    public static ImageBlock Zero { get; } = new(new byte[IDisk.BlockSize]);

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>This, with some sectors (a bit each) of another one over it.</summary>
    public ImageBlock With(ImageBlock above, int sectors) => sectors switch
    {
        0 => this,
        (1 << Sectors) - 1 => above,
        _ => new ImageBlock(this, above, sectors),
    };

    /// <summary>What the block adds to its image's hash, in its place; 0 for zeroes.</summary>
    public ulong Hash(long block)
    {
        ulong hash = 0;
        for (int sector = 0; sector < Sectors; sector++)
        {
            hash ^= _hashes[sector] == 0 ? 0 : Mix(_hashes[sector] ^ Mix((ulong)(block * Sectors) + (ulong)sector + 1));
        }

        return hash;
    }

    public static ulong Mix(ulong value)
    {
        // The finalizer of SplitMix64.
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }

    private static ulong HashOf(ReadOnlySpan<byte> sector)
    {
        if (!sector.ContainsAnyExcept((byte)0))
        {
            return 0;
        }

        ulong hash = 1;
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(sector))
        {
            hash = (BitOperations.RotateLeft(hash, 23) ^ word) * 0x9E37_79B9_7F4A_7C15;
        }

        return Mix(hash) | 1;
    }
}
