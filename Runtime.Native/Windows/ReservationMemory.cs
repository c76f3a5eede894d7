using System.Runtime.InteropServices;
using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Native.Windows;

/// <summary>
/// Addresses held by reservations, where there are no placeholders (Wine 8, Windows before 10 1803): a view takes the
/// place of one that was released just before, and another thread may be quicker. That chunk is lost then.
/// </summary>
/// <remarks>
/// A reservation is released as a whole or not at all. So a window is held in units of 64 MiB, and a unit becomes 64
/// reservations of a chunk each when the first of them is touched. Larger ones are no gain: Wine notes the
/// protection of every page of a reservation, 256 MiB of notes for 1 TiB.
/// </remarks>
internal sealed unsafe class ReservationMemory : WindowsMemory
{
    // Above what programs are loaded to and heaps grow in, below where systems place things from the top down.
    private const long FirstPiece = 1L << 40;
    private const long EndOfPieces = 0x7000_0000_0000;

    private readonly Lock _lock = new();                            // guards the two below
    private readonly HashSet<nint> _lost = [];
    private long _searched = FirstPiece;

    /// <summary>Finds free addresses; they are held unit by unit, as windows take them.</summary>
    internal override nint FindPiece(long length, long alignment)
    {
        lock (_lock)
        {
            while (_searched < EndOfPieces)
            {
                long start = (_searched + alignment - 1) / alignment * alignment;
                MEMORY_BASIC_INFORMATION memory = Query((byte*)start);
                _searched = (long)memory.BaseAddress + (long)memory.RegionSize;
                if (memory.State == MEM_FREE && _searched - start >= length)
                {
                    _searched = start + length;
                    return (nint)start;
                }
            }
        }

        throw new MemoryException($"the process has no {length} bytes of free addresses left");
    }

    internal override bool TryHold(nint start, long length)
    {
        for (long held = 0; held < length; held += Arena.UnitSize)
        {
            if (TryReserve((byte*)start + held, Arena.UnitSize))
            {
                continue;
            }

            int error = Marshal.GetLastSystemError();
            LetGo(start, held);
            return error == ERROR_INVALID_ADDRESS                   // somebody else's by now
                ? false
                : throw new MemoryException($"reserving {length} bytes failed", error);
        }

        return true;
    }

    internal override void LetGo(nint start, long length)
    {
        for (long unit = 0; unit < length; unit += Arena.UnitSize)
        {
            byte* address = (byte*)start + unit;
            if (IsWholeUnit(address))
            {
                Release(address);
                continue;
            }

            for (long chunk = 0; chunk < Arena.UnitSize; chunk += Chunk.Size)
            {
                if (!TryForget(address + chunk))
                {
                    Release(address + chunk);
                }
            }
        }
    }

    internal override bool TryMap(nint section, byte* address)
    {
        if (IsLost(address))
        {
            return false;
        }

        byte* unit = (byte*)((nint)address / (nint)Arena.UnitSize * (nint)Arena.UnitSize);
        if (IsWholeUnit(unit))
        {
            Split(unit);
        }

        return TryMapHeld(section, 0, address, Chunk.Size);
    }

    internal override void Unmap(byte* address) => UnmapPart(address, Chunk.Size);

    internal override bool TryMapPart(nint section, long offset, byte* address, long length) =>
        !IsLost(address) && TryMapHeld(section, offset, address, length);

    internal override void UnmapPart(byte* address, long length)
    {
        if (UnmapViewOfFile(address) == 0)
        {
            throw Failure("UnmapViewOfFile failed");
        }

        Hold(address, length);
    }

    internal override void Regroup(byte* start, ReadOnlySpan<int> before, ReadOnlySpan<int> after)
    {
        byte* unit = (byte*)((nint)start / (nint)Arena.UnitSize * (nint)Arena.UnitSize);
        if (IsWholeUnit(unit))
        {
            Split(unit);
        }

        byte* address = start;
        foreach (int length in before)
        {
            if (!TryForget(address))
            {
                Release(address);
            }

            address += length;
        }

        foreach (int length in after)
        {
            Hold(start, length);
            start += length;
        }
    }

    private bool TryMapHeld(nint section, long offset, byte* address, long length)
    {
        Release(address);
        if (MapViewOfFileEx(
            section, FILE_MAP_READ | FILE_MAP_WRITE, 0, (uint)offset, (nuint)length, address) is not null)
        {
            return true;
        }

        Hold(address, length);
        return false;
    }

    private void Split(byte* unit)
    {
        Release(unit);
        for (long chunk = 0; chunk < Arena.UnitSize; chunk += Chunk.Size)
        {
            Hold(unit + chunk);
        }
    }

    /// <summary>Holds the addresses of a chunk or a part of one, or notes that it is somebody else's.</summary>
    internal void Hold(byte* address, long length = Chunk.Size)
    {
        if (!TryReserve(address, length))
        {
            lock (_lock)
            {
                _lost.Add((nint)address);
            }
        }
    }

    private bool IsLost(byte* address)
    {
        lock (_lock)
        {
            return _lost.Contains((nint)address);
        }
    }

    private bool TryForget(byte* address)
    {
        lock (_lock)
        {
            return _lost.Remove((nint)address);
        }
    }

    private static bool IsWholeUnit(byte* unit)
    {
        MEMORY_BASIC_INFORMATION memory = Query(unit);
        return memory.State == MEM_RESERVE
            && memory.AllocationBase == unit
            && memory.RegionSize == (nuint)Arena.UnitSize;
    }

    private static bool TryReserve(byte* address, long length) =>
        VirtualAlloc(address, (nuint)length, MEM_RESERVE, PAGE_NOACCESS) is not null;

    private static void Release(byte* address)
    {
        if (VirtualFree(address, 0, MEM_RELEASE) == 0)
        {
            throw Failure("VirtualFree failed");
        }
    }

    private static MEMORY_BASIC_INFORMATION Query(byte* address)
    {
        MEMORY_BASIC_INFORMATION memory;
        return VirtualQuery(address, &memory, (nuint)sizeof(MEMORY_BASIC_INFORMATION)) != 0
            ? memory
            : throw Failure("VirtualQuery failed");
    }
}
