// memoryapi.h
using System.Runtime.InteropServices;

namespace Runtime.Native.Windows;

internal static unsafe partial class Kernel32
{
    internal const string Library = "kernel32";

    // The calls with placeholders are exported by kernelbase alone, since Windows 10 1803.
    internal const string Base = "kernelbase";

    internal const uint FILE_MAP_WRITE = SECTION_MAP_WRITE;
    internal const uint FILE_MAP_READ = SECTION_MAP_READ;

    // Error numbers by Marshal.GetLastSystemError, which costs nothing when it is not asked for.
    [LibraryImport(Library)]
    internal static partial byte* VirtualAlloc(byte* lpAddress, nuint dwSize, uint flAllocationType, uint flProtect);

    [LibraryImport(Library)]
    internal static partial int VirtualFree(byte* lpAddress, nuint dwSize, uint dwFreeType);

    [LibraryImport(Library)]
    internal static partial int VirtualProtect(byte* lpAddress, nuint dwSize, uint flNewProtect, uint* lpflOldProtect);

    [LibraryImport(Library)]
    internal static partial nuint VirtualQuery(byte* lpAddress, MEMORY_BASIC_INFORMATION* lpBuffer, nuint dwLength);

    [LibraryImport(Library, EntryPoint = "CreateFileMappingW")]
    internal static partial nint CreateFileMapping(
        nint hFile,
        void* lpFileMappingAttributes,
        uint flProtect,
        uint dwMaximumSizeHigh,
        uint dwMaximumSizeLow,
        char* lpName);

    [LibraryImport(Library)]
    internal static partial byte* MapViewOfFileEx(
        nint hFileMappingObject,
        uint dwDesiredAccess,
        uint dwFileOffsetHigh,
        uint dwFileOffsetLow,
        nuint dwNumberOfBytesToMap,
        byte* lpBaseAddress);

    [LibraryImport(Library)]
    internal static partial int UnmapViewOfFile(byte* lpBaseAddress);

    [LibraryImport(Base)]
    internal static partial byte* VirtualAlloc2(
        nint Process,
        byte* BaseAddress,
        nuint Size,
        uint AllocationType,
        uint PageProtection,
        MEM_EXTENDED_PARAMETER* ExtendedParameters,
        uint ParameterCount);

    [LibraryImport(Base)]
    internal static partial byte* MapViewOfFile3(
        nint FileMapping,
        nint Process,
        byte* BaseAddress,
        ulong Offset,
        nuint ViewSize,
        uint AllocationType,
        uint PageProtection,
        MEM_EXTENDED_PARAMETER* ExtendedParameters,
        uint ParameterCount);

    [LibraryImport(Base)]
    internal static partial int UnmapViewOfFile2(nint Process, byte* BaseAddress, uint UnmapFlags);
}
