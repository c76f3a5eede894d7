using System.Buffers.Binary;
using static Runtime.Stores.Volumes.Format.Superblock;

namespace Runtime.Stores.Volumes;

/// <summary>The root of one commit, and the only thing written in place.</summary>
internal sealed record Superblock(
    long Sequence,
    long End,
    long NextBirth,
    long NextContainerId,
    long BlocksInUse,
    long BlocksDead,
    TreeRoot Catalogue,
    TreeRoot Space)
{
    /// <summary>What a new volume begins with: nothing but the reserve.</summary>
    public static Superblock First { get; } = new(
        Sequence: 0,
        End: SpaceLayout.FixedBefore(1) + Format.Space.MinReserve,
        NextBirth: 1,
        NextContainerId: 1,
        BlocksInUse: 0,
        BlocksDead: 0,
        Catalogue: TreeRoot.Empty,
        Space: TreeRoot.Empty);

    public int Slot => (int)(Sequence % Slots);

    /// <summary>Stands for it where a pointer out of it is checked.</summary>
    public BlockPointer Holder => new(Block: Slot * CopiesPerSlot, Birth: NextBirth - 1, Checksum: 0);

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
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(Format.Superblock.BlocksInUse), BlocksInUse);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(Format.Superblock.BlocksDead), BlocksDead);
        Catalogue.Write(block.AsSpan(Format.Superblock.Catalogue));
        Space.Write(block.AsSpan(Format.Superblock.Space));
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
        if (!TreeRoot.TryRead(block[Format.Superblock.Catalogue..], out TreeRoot catalogue)
            || !TreeRoot.TryRead(block[Format.Superblock.Space..], out TreeRoot space))
        {
            return null;
        }

        var superblock = new Superblock(
            Sequence: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.Sequence..]),
            End: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.End..]),
            NextBirth: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.NextBirth..]),
            NextContainerId: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.NextContainerId..]),
            BlocksInUse: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.BlocksInUse..]),
            BlocksDead: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Superblock.BlocksDead..]),
            catalogue,
            space);
        return superblock.IsPossible(slot)
            && BinaryPrimitives.ReadUInt32LittleEndian(block[SizeOfBlock..]) == Format.BlockSize
            ? superblock
            : null;
    }

    // A version's list and another's may both name a block, so the dead may be more than those in use.
    private bool IsPossible(int slot) =>
        Sequence is >= 0 and < long.MaxValue && Slot == slot
        && End >= First.End && End <= Format.Space.MaxBlocks
        && NextBirth is >= 1 and <= Format.MaxUInt48
        && NextContainerId >= 1 && NextContainerId <= (long)TreeRoot.Capacity(Format.Tree.MaxHeight)
        && BlocksInUse >= 0 && BlocksInUse <= End
        && BlocksDead >= 0;
}
