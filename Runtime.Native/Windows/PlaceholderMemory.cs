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

    internal override bool TryMap(nint section, byte* address) => TryMapPart(section, 0, address, Chunk.Size);

    internal override bool TryMapPart(nint section, long offset, byte* address, long length)
    {
        // Splits the placeholder around it; refused where it was split before, and mapping then tells.
        _ = VirtualFree(address, (nuint)length, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER);
        return MapViewOfFile3(
            section,
            GetCurrentProcess(),
            address,
            (ulong)offset,
            (nuint)length,
            MEM_REPLACE_PLACEHOLDER,
            PAGE_READWRITE,
            null,
            0) is not null;
    }

    internal override void UnmapPart(byte* address, long length) => Unmap(address);

    internal override void Regroup(byte* start, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        long length = 0;
        foreach (int part in before)
        {
            length += part;
        }

        // Mapping splits them again; several that lie side by side are made one first.
        if (before.Length > 1)
        {
            _ = VirtualFree(start, (nuint)length, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS);
        }
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
