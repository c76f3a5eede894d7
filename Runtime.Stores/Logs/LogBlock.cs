using System.Buffers.Binary;
using Runtime.Stores.Volumes;
using static Runtime.Stores.Logs.LogFormat.Block;

namespace Runtime.Stores.Logs;

/// <summary>What a block of the log says of itself.</summary>
/// <param name="Epoch">Sequence number of the header under which it was written.</param>
/// <param name="Index">Its place in the log.</param>
/// <param name="First">
/// The place of its batch's first block: everything before that was durable when it was written.
/// </param>
/// <param name="Bytes">Of all records of its batch.</param>
internal readonly record struct LogBlock(long Epoch, long Index, long First, uint Bytes)
{
    /// <summary>How many blocks its batch has.</summary>
    public long Count => CountFor(Bytes);

    public static long CountFor(long bytes) => (bytes + Capacity - 1) / Capacity;

    /// <returns>Null if it is not whole, or no block of a log.</returns>
    public static LogBlock? Decode(ReadOnlySpan<byte> block) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block[Tag..]) == TagValue
        && BinaryPrimitives.ReadUInt32LittleEndian(block[Checksum..]) == Crc32C.Compute(block[Tag..])
            ? new LogBlock(
                BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Block.Epoch..]),
                BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Block.Index..]),
                BinaryPrimitives.ReadInt64LittleEndian(block[LogFormat.Block.First..]),
                BinaryPrimitives.ReadUInt32LittleEndian(block[LogFormat.Block.Bytes..]))
            : null;

    /// <summary>Writes everything but the content, which is there.</summary>
    public void Encode(Span<byte> block)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(block[Tag..], TagValue);
        BinaryPrimitives.WriteInt64LittleEndian(block[LogFormat.Block.Epoch..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(block[LogFormat.Block.Index..], Index);
        BinaryPrimitives.WriteInt64LittleEndian(block[LogFormat.Block.First..], First);
        BinaryPrimitives.WriteUInt32LittleEndian(block[LogFormat.Block.Bytes..], Bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(block[Checksum..], Crc32C.Compute(block[Tag..]));
    }
}
