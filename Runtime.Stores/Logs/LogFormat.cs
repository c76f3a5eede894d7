namespace Runtime.Stores.Logs;

/// <summary>
/// Format version 1 of a volume's <c>kernel.log</c>, byte by byte (docs/format.md). Numbers are little endian; offsets
/// are bytes from the start of their structure; what no field covers is zero.
/// </summary>
internal static class LogFormat
{
    public const uint Version = 1;

    public const int BlockSize = 4096;

    /// <summary>Blocks from here on are neither read nor written: 4 GiB bound what a crafted file costs.</summary>
    public const long MaxBlocks = 1L << 20;

    /// <summary>Two slots of two copies each stand before everything else.</summary>
    public static class Header
    {
        public const int Slots = 2;
        public const int CopiesPerSlot = 2;
        public const long Blocks = Slots * CopiesPerSlot;

        public const int Magic = 0;                 // 8 bytes, "KATYDLOG"
        public const int FormatVersion = 8;         // u32
        public const int SizeOfBlock = 12;          // u32, 4096
        public const int Sequence = 16;             // u64; the slot is its lowest bit
        public const int Start = 24;                // u64, the log's first block
        public const int Durable = 32;              // u64, blocks of the log that were durable before this was written
        public const int Compacted = 40;            // u64, those of them that the compaction took which made the log
        public const int Checksum = BlockSize - 4;  // u32, CRC-32C of all bytes before it

        public static ReadOnlySpan<byte> MagicBytes => "KATYDLOG"u8;
    }

    /// <summary>A block of a batch: records appended one behind the other, which became durable together.</summary>
    /// <remarks>
    /// Each block says whose it is, so that what was left in its place by another log, by an earlier attempt or by a
    /// process that was killed is not taken for it, and no record can look like the beginning of a batch.
    /// </remarks>
    public static class Block
    {
        public const int Checksum = 0;              // u32, CRC-32C of all bytes behind it
        public const int Tag = 4;                   // u32, "KREC"
        public const int Epoch = 8;                 // u64, sequence number of the header under which it was written
        public const int Index = 16;                // u64, blocks from the log's start
        public const int First = 24;                // u64, index of the batch's first block; all before were durable
        public const int Bytes = 32;                // u32, of all records of the batch
        public const int Content = 36;
        public const int Capacity = BlockSize - Content;

        public const uint TagValue = 0x4345524B;
    }

    /// <summary>What stands before a record's payload.</summary>
    public static class Record
    {
        public const int Length = 0;                // u32, bytes of the payload
        public const int Kind = 4;                  // u8
        public const int Container = 8;             // u64
        public const int Interval = 16;             // u64
        public const int Size = 24;
    }
}
