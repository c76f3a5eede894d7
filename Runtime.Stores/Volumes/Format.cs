namespace Runtime.Stores.Volumes;

/// <summary>
/// Format version 1 of a volume's <c>data</c>, byte by byte (docs/format.md). Numbers are little endian; offsets are
/// bytes from the start of their structure; what no field covers is zero.
/// </summary>
internal static class Format
{
    public const uint Version = 1;

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
        public const long Blocks = Slots * CopiesPerSlot;

        public const int Magic = 0;                 // 8 bytes, "KATYDID" and a zero
        public const int FormatVersion = 8;         // u32
        public const int SizeOfBlock = 12;          // u32, 4096
        public const int Sequence = 16;             // u64; the slot is its lowest bit
        public const int End = 24;                  // u64; the medium has room for all blocks before it
        public const int NextBirth = 32;            // u64
        public const int NextContainerId = 40;      // u64
        public const int BlocksInUse = 48;          // u64, those that free space gave out
        public const int BlocksDead = 56;           // u64, the entries of all dead lists
        public const int Catalogue = 64;            // tree of container blocks, by container id
        public const int Space = 84;                // tree of bitmaps, by block number / 32768
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

    /// <summary>A leaf of free space: one bit per block, lowest first, set where it is in use.</summary>
    /// <remarks>
    /// A region is the blocks of one leaf. It begins with the homes of that leaf, three places in which it stands by
    /// turns, and with those of the tree's nodes whose first leaf it is.
    /// </remarks>
    public static class Space
    {
        public const int BlocksPerLeaf = BlockSize * 8;
        public const int Homes = 3;
        public const long MaxBlocks = BlocksPerLeaf * (1L << (Tree.MaxHeight * Tree.BitsPerLevel));

        /// <summary>Ordinary commits leave one block of so many to those that make room, and at least 64.</summary>
        public const int BlocksPerReserved = 100;
        public const int MinReserve = 64;
    }

    /// <summary>One block per container; one that was deleted stays while others' versions descend from its.</summary>
    public static class Container
    {
        public const int Tag = 0;                   // u32, "KCON"
        public const int Flags = 4;                 // u32, 1 if it was deleted
        public const int Id = 8;                    // u64
        public const int Length = 16;               // u64, bytes, at the head
        public const int HighestInterval = 24;      // u64, the highest ever committed
        public const int VersionCount = 32;         // u64, hidden ones included
        public const int Head = 40;                 // u64, the interval of the version that the next one follows
        public const int Versions = 48;             // tree of version blocks, by interval / 32
        public const int NameLength = 68;           // u16, bytes of UTF-8, 1 to 255
        public const int ManagerLength = 70;        // u16, the same
        public const int Name = 128;                // 256 bytes
        public const int Manager = 384;             // 256 bytes

        public const uint TagValue = 0x4E4F434B;
        public const uint Deleted = 1;
        public const int MaxNameBytes = 255;
    }

    /// <summary>A version block holds 32, each in the place of its interval; a birth of 0: there is none.</summary>
    public static class ContainerVersion
    {
        public const int Birth = 0;                 // u48
        public const int Flags = 6;                 // u16, 1 if hidden
        public const int Time = 8;                  // u64, 100 ns since 0001-01-01 UTC
        public const int Length = 16;               // u64, bytes
        public const int PagesChanged = 24;         // u64
        public const int Map = 32;                  // tree of page blocks, by page number
        public const int Dead = 56;                 // pointer to the dead list's first block
        public const int DeadCount = 72;            // u64, entries
        public const int Parent = 80;               // version id, of the version that this one follows
        public const int FirstChild = 92;           // version id, of the newest line that leaves this one
        public const int NextSibling = 104;         // version id
        public const int PreviousSibling = 116;     // version id
        public const int Size = 128;
        public const int PerBlock = BlockSize / Size;

        public const ushort Hidden = 1;
    }

    /// <summary>A version wherever it is in the volume; zeroes for none.</summary>
    public static class Id
    {
        public const int Container = 0;             // u32
        public const int Interval = 4;              // u64
        public const int Size = 12;
    }

    /// <summary>A block of a dead list: entries of block and birth, six bytes each.</summary>
    public static class DeadBlock
    {
        public const int Next = 0;                  // pointer to the list's next block
        public const int Count = 16;                // u32, 1 to 339
        public const int Entries = 20;
        public const int EntrySize = 12;
        public const int PerBlock = (BlockSize - Entries) / EntrySize;
    }

    /// <summary>The file <c>readers</c>: slots of readers that other processes may be.</summary>
    /// <remarks>
    /// A slot is somebody's while the byte of its lock is locked, which lies beyond the file's end. What does not have
    /// its complement behind it, as in a new file, means that its reader may need any commit.
    /// </remarks>
    public static class Readers
    {
        public const int Slots = 64;
        public const int SlotSize = 64;
        public const int FileSize = Slots * SlotSize;
        public const long FirstLock = 1 << 30;      // one byte per slot

        public const int Sequence = 0;              // u64, of the superblock that is read
        public const int Complement = 8;            // u64, of the sequence number
        public const int Process = 16;              // u32, its id, for people
        public const int Used = 20;
    }
}
