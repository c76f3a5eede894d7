using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Native.Windows;

/// <summary>
/// Addresses held by placeholders, which views replace and leave behind in one step: since Windows 10 1803.
/// </summary>
internal sealed unsafe class PlaceholderMemory : WindowsMemory
{
    internal override nint FindPiece(long length, long alignment)
    {
        byte* start = TryReserve(length, alignment);
        return start is not null ? (nint)start : throw Failure($"reserving {length} bytes failed");
    }

    internal override bool TryMap(nint section, byte* address)
    {
        // Splits the placeholder around the chunk; refused where it was split before, and mapping then tells.
        _ = VirtualFree(address, Chunk.Size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER);
        return MapViewOfFile3(
            section,
            GetCurrentProcess(),
            address,
            0,
            Chunk.Size,
            MEM_REPLACE_PLACEHOLDER,
            PAGE_READWRITE,
            null,
            0) is not null;
    }

    internal override void Unmap(byte* address)
    {
        if (UnmapViewOfFile2(GetCurrentProcess(), address, MEM_PRESERVE_PLACEHOLDER) == 0)
        {
            throw Failure("UnmapViewOfFile2 failed");
        }
    }

    /// <summary>
    /// Whether all of it works, found out by doing it: some systems have the calls and not their meaning.
    /// </summary>
    internal bool IsSupported()
    {
        try
        {
            byte* start = TryReserve(2 * Chunk.Size, Chunk.Size);
            return start is not null && TryReplace(start);
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }
    }

    private bool TryReplace(byte* start)
    {
        nint section = CreateSection();
        bool works = section != 0 && TryMap(section, start);
        if (works)
        {
            Unmap(start);
            _ = VirtualFree(start + Chunk.Size, 0, MEM_RELEASE);
        }

        _ = VirtualFree(start, 0, MEM_RELEASE);
        _ = CloseHandle(section);
        return works;
    }

    private static byte* TryReserve(long length, long alignment)
    {
        var requirements = new MEM_ADDRESS_REQUIREMENTS { Alignment = (nuint)alignment };
        var parameter = new MEM_EXTENDED_PARAMETER
        {
            Type = MemExtendedParameterAddressRequirements,
            Pointer = &requirements,
        };
        return VirtualAlloc2(
            GetCurrentProcess(),
            null,
            (nuint)length,
            MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
            PAGE_NOACCESS,
            &parameter,
            1);
    }
}
