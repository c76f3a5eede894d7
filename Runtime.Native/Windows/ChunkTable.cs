using System.Runtime.InteropServices;

namespace Runtime.Native.Windows;

/// <summary>The chunks of a section, by number; costs nothing where nothing was touched.</summary>
/// <remarks>Not thread safe. In native memory, because it grows while faults are served.</remarks>
internal sealed unsafe class ChunkTable(long length)
{
    private const int ChunksPerUnit = (int)(Arena.UnitSize / Chunk.Size);

    private readonly long _unitCount = length / Arena.UnitSize;
    private Chunk** _units = (Chunk**)NativeHeap.AllocZeroed((nuint)(length / Arena.UnitSize), (nuint)sizeof(Chunk*));

    /// <summary>The chunk, or null if it is absent.</summary>
    internal Chunk* Find(long number)
    {
        Chunk* unit = _units is null ? null : _units[number / ChunksPerUnit];
        Chunk* chunk = unit is null ? null : unit + number % ChunksPerUnit;
        return chunk is null || chunk->View is null ? null : chunk;
    }

    /// <summary>The place for a chunk that is absent; null if there is no memory for it.</summary>
    internal Chunk* PlaceFor(long number)
    {
        ref Chunk* unit = ref _units[number / ChunksPerUnit];
        if (unit is null)
        {
            unit = (Chunk*)NativeHeap.TryAllocZeroed(ChunksPerUnit, (nuint)sizeof(Chunk));
        }

        return unit is null ? null : unit + number % ChunksPerUnit;
    }

    /// <summary>
    /// The first chunk that is present, from a number on; <paramref name="end"/> if none is before it.
    /// </summary>
    internal long NextPresent(long from, long end)
    {
        for (long number = from; number < end;)
        {
            if (_units is null)
            {
                return end;
            }

            if (_units[number / ChunksPerUnit] is null)
            {
                number = (number / ChunksPerUnit + 1) * ChunksPerUnit;
            }
            else if (Find(number) is not null)
            {
                return number;
            }
            else
            {
                number++;
            }
        }

        return end;
    }

    /// <summary>Whether every chunk of a range is present.</summary>
    internal bool Contains(long first, long end)
    {
        for (long number = first; number < end; number++)
        {
            if (Find(number) is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Frees the table; every chunk is absent from then on.</summary>
    internal void Free()
    {
        for (long unit = 0; _units is not null && unit < _unitCount; unit++)
        {
            NativeMemory.Free(_units[unit]);
        }

        NativeMemory.Free(_units);
        _units = null;
    }
}
