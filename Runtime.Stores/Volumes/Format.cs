namespace Runtime.Stores.Volumes;

/// <summary>
/// Format version 0 of a volume's <c>data</c>, byte by byte (docs/format.md). Numbers are little endian; offsets are
/// bytes from the start of their structure; what no field covers is zero.
/// </summary>
internal static class Format
{
    public const uint Version = 0;

    public const int BlockSize = 4096;

    /// <summary>A length is at most 1 TiB, that is 2^28 pages.</summary>
    public const long MaxLength = 1L << 40;

    /// <summary>Block numbers and births take six bytes.</summary>
    public const long MaxUInt48 = (1L << 48) - 1;

    /// <summary>Two slots of two copies each stand before everything else.</summary>
    public static class Superblock
    {
        public const int Slots = 2;
        public const int CopiesPerSlot = 2;
        public const long FirstDataBlock = Slots * CopiesPerSlot;

        public const int Magic = 0;                 // 8 bytes, "KATYDID" and a zero
        public const int FormatVersion = 8;         // u32
        public const int SizeOfBlock = 12;          // u32, 4096
        public const int Sequence = 16;             // u64; the slot is its lowest bit
        public const int End = 24;                  // u64; no block at or beyond it is in use
        public const int NextBirth = 32;            // u64
        public const int NextContainerId = 40;      // u64
        public const int Catalogue = 48;            // tree of container blocks, by container id
        public const int Checksum = BlockSize - 4;  // u32, CRC-32C of all bytes before it

        public static ReadOnlySpan<byte> MagicBytes => "KATYDID\0"u8;
    }

    /// <summary>A pointer of zeroes is a hole: everything below it reads as zeroes.</summary>
    public static class Pointer
    {
        public const int Block = 0;                 // u48
        public const int Birth = 6;                 // u48
        public const int Checksum = 12;             // u32, CRC-32C of the whole block
        public const int Size = 16;
    }

    /// <summary>A node is 256 pointers. A tree of height 0 is its only leaf.</summary>
    public static class Tree
    {
        public const int BitsPerLevel = 8;
        public const int Fanout = 1 << BitsPerLevel;
        public const int MaxHeight = 4;

        public const int Root = 0;                  // pointer
        public const int Height = 16;               // u32
        public const int Size = 20;
    }

    /// <summary>One block per container.</summary>
    public static class Container
    {
        public const int Tag = 0;                   // u32, "KCON"
        public const int Id = 8;                    // u64
        public const int Length = 16;               // u64, bytes, at the newest version
        public const int HighestInterval = 24;      // u64, the highest ever issued
        public const int VersionCount = 32;         // u64
        public const int Versions = 40;             // tree of version blocks, by ordinal / 64
        public const int NameLength = 60;           // u16, bytes of UTF-8, 1 to 255
        public const int ManagerLength = 62;        // u16, the same
        public const int Newest = 64;               // version; zeroes when there is none
        public const int Name = 128;                // 256 bytes
        public const int Manager = 384;             // 256 bytes

        public const uint TagValue = 0x4E4F434B;
        public const int MaxNameBytes = 255;
    }

    /// <summary>A version block holds 64 of them, oldest first, all but the last block full.</summary>
    public static class ContainerVersion
    {
        public const int Interval = 0;              // u64, ascending within a container
        public const int Time = 8;                  // u64, 100 ns since 0001-01-01 UTC
        public const int Length = 16;               // u64, bytes
        public const int PagesChanged = 24;         // u64
        public const int Map = 32;                  // tree of data blocks, by page number
        public const int Size = 64;
        public const int PerBlock = BlockSize / Size;
    }
}
