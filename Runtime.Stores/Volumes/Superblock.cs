using System.Buffers.Binary;
using static Runtime.Stores.Volumes.Format.Superblock;

namespace Runtime.Stores.Volumes;

/// <summary>The root of one commit, and the only thing written in place.</summary>
internal sealed record Superblock(long Sequence, long End, long NextBirth, long NextContainerId, TreeRoot Catalogue)
{
    /// <summary>What a new volume begins with.</summary>
    public static Superblock First { get; } = new(
        Sequence: 0, End: FirstDataBlock, NextBirth: 1, NextContainerId: 1, Catalogue: TreeRoot.Empty);

    public int Slot => (int)(Sequence % Slots);

    public byte[] Encode()
    {
        var block = new byte[Format.BlockSize];
        MagicBytes.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(FormatVersion), Format.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(SizeOfBlock), Format.BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(Format.Superblock.Sequence), Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(Format.Superblock.End), End);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(Format.Superblock.NextBirth), NextBirth);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(Format.Superblock.NextContainerId), NextContainerId);
        Catalogue.Write(block.AsSpan(Format.Superblock.Catalogue));
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(Checksum), Crc32C.Compute(block.AsSpan(0, Checksum)));
        return block;
    }

    public static bool HasMagic(ReadOnlySpan<byte> block) => block.StartsWith(MagicBytes);

    public static bool HasChecksum(ReadOnlySpan<byte> block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[Checksum..]) == Crc32C.Compute(block[..Checksum]);

    public static uint VersionOf(ReadOnlySpan<byte> block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[FormatVersion..]);

    /// <summary>
    /// Decodes a block whose magic, version and checksum are right; null if no writer makes such a superblock.
    /// </summary>
    public static Superblock? Decode(ReadOnlySpan<byte> block, int slot)
    {
        if (!TreeRoot.TryRead(block[Format.Superblock.Catalogue..], out TreeRoot catalogue))
        {
            return null;
        }

        var superblock = new Superblock(
            Sequence: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.Sequence..]),
            End: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.End..]),
            NextBirth: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.NextBirth..]),
            NextContainerId: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.NextContainerId..]),
            catalogue);
        return superblock.IsPossible(slot)
            && BinaryPrimitives.ReadUInt32LittleEndian(block[SizeOfBlock..]) == Format.BlockSize
            ? superblock
            : null;
    }

    private bool IsPossible(int slot) =>
        Sequence is >= 0 and < long.MaxValue && Slot == slot
        && End is >= FirstDataBlock and <= Format.MaxUInt48
        && NextBirth is >= 1 and <= Format.MaxUInt48
        && NextContainerId >= 1 && NextContainerId <= (long)TreeRoot.Capacity(Format.Tree.MaxHeight);
}
