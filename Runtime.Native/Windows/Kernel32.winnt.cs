// winnt.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Windows;

internal static unsafe partial class Kernel32
{
    internal const uint PAGE_NOACCESS = 0x01;
    internal const uint PAGE_READONLY = 0x02;
    internal const uint PAGE_READWRITE = 0x04;

    internal const uint MEM_COALESCE_PLACEHOLDERS = 0x00000001; // not in mingw's headers
    internal const uint MEM_PRESERVE_PLACEHOLDER = 0x00000002; // not in mingw's headers
    internal const uint MEM_COMMIT = 0x00001000;
    internal const uint MEM_RESERVE = 0x00002000;
    internal const uint MEM_REPLACE_PLACEHOLDER = 0x00004000; // not in mingw's headers
    internal const uint MEM_RELEASE = 0x00008000;
    internal const uint MEM_FREE = 0x00010000;
    internal const uint MEM_RESERVE_PLACEHOLDER = 0x00040000; // not in mingw's headers

    internal const uint SEC_RESERVE = 0x04000000;
    internal const uint SEC_COMMIT = 0x08000000;

    internal const uint SECTION_MAP_WRITE = 0x0002;
    internal const uint SECTION_MAP_READ = 0x0004;

    internal const ulong MemExtendedParameterAddressRequirements = 1;

    [StructLayout(LayoutKind.Sequential)]
    internal struct MEMORY_BASIC_INFORMATION
    {
        internal byte* BaseAddress;
        internal byte* AllocationBase;
        internal uint AllocationProtect;
        internal ushort _partitionId;                               // not in older headers: padding there
        internal nuint RegionSize;
        internal uint State;
        internal uint Protect;
        internal uint Type;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MEM_ADDRESS_REQUIREMENTS
    {
        internal void* LowestStartingAddress;
        internal void* HighestEndingAddress;
        internal nuint Alignment;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MEM_EXTENDED_PARAMETER // not in C as it stands here: Type is a bit-field
    {
        internal ulong Type;                                        // 8 bits of it; the others are reserved
        internal void* Pointer;
    }
}
