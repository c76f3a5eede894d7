using System.Buffers.Binary;
using Runtime.Stores.Volumes;
using static Runtime.Stores.Logs.LogFormat.Header;

namespace Runtime.Stores.Logs;

/// <summary>Where the log begins, and how much of it was durable when this was written.</summary>
/// <param name="Sequence">Of the header; each opening for writing, compaction and closing writes the next one.</param>
/// <param name="Start">The log's first block.</param>
/// <param name="Durable">So many blocks from there on are no torn tail: one that is not as written is damaged.</param>
/// <param name="Compacted">So many of them were what the newest compaction left.</param>
internal sealed record LogHeader(long Sequence, long Start, long Durable, long Compacted)
{
    /// <summary>What a new log begins with.</summary>
    public static LogHeader First { get; } = new(Sequence: 0, Start: Blocks, Durable: 0, Compacted: 0);

    public int Slot => (int)(Sequence % Slots);

    public bool IsPossible =>
        Sequence is >= 0 and < long.MaxValue
        && Start is >= Blocks and <= LogFormat.MaxBlocks
        && Durable >= 0 && Durable <= LogFormat.MaxBlocks - Start
        && Compacted >= 0 && Compacted <= Durable;

    public static bool HasMagic(ReadOnlySpan<byte> block) => block.StartsWith(MagicBytes);

    public static bool HasChecksum(ReadOnlySpan<byte> block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[Checksum..]) == Crc32C.Compute(block[..Checksum]);

    public static uint VersionOf(ReadOnlySpan<byte> block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[FormatVersion..]);

    /// <summary>Decodes a block whose magic, version and checksum are right; null if no writer makes it.</summary>
    public static LogHeader? Decode(ReadOnlySpan<byte> block, int slot)
    {
        var header = new LogHeader(
            BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Header.Sequence..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Header.Start..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Header.Durable..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Header.Compacted..]));
        return header.IsPossible && header.Slot == slot
            && BinaryPrimitives.ReadUInt32LittleEndian(block[SizeOfBlock..]) == LogFormat.BlockSize
            ? header
            : null;
    }

    public byte[] Encode()
    {
        var block = new byte[LogFormat.BlockSize];
        MagicBytes.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(FormatVersion), LogFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(SizeOfBlock), LogFormat.BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(LogFormat.Header.Sequence), Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(LogFormat.Header.Start), Start);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(LogFormat.Header.Durable), Durable);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(LogFormat.Header.Compacted), Compacted);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(Checksum), Crc32C.Compute(block.AsSpan(0, Checksum)));
        return block;
    }
}
