namespace Runtime.Native;

/// <summary>
/// The address space of windows, in units of 64 MiB, so that the trap library finds the window of an address by an
/// array index.
/// </summary>
/// <remarks>Thread safe. Found in pieces of 1 TiB as need arises, and kept for the life of the process.</remarks>
internal sealed class Arena
{
    internal const long UnitSize = 64L << 20;
    internal const long PieceSize = 1L << 40;

    private readonly Lock _lock = new();
    private readonly List<Piece> _pieces = [];

    internal static Arena Shared { get; } = new();

    internal static long RoundUp(long length) => (length + UnitSize - 1) / UnitSize * UnitSize;

    /// <summary>Takes consecutive units for a window of up to 1 TiB; reserved, inaccessible.</summary>
    /// <exception cref="MemoryException">The address space of the process is used up.</exception>
    internal nint Take(long length)
    {
        int units = (int)(RoundUp(length) / UnitSize);
        lock (_lock)
        {
            foreach (Piece piece in _pieces)
            {
                if (TryTake(piece, units, out nint address))
                {
                    return address;
                }
            }

            while (true)
            {
                var added = new Piece(SystemMemory.Current.FindPiece(PieceSize, UnitSize));
                _pieces.Add(added);
                if (TryTake(added, units, out nint address))
                {
                    return address;
                }
            }
        }
    }

    /// <summary>Gives units back; the caller has made them inaccessible and knows that nobody can touch them.</summary>
    internal void Give(nint address, long length)
    {
        lock (_lock)
        {
            SystemMemory.Current.LetGo(address, RoundUp(length));
            _pieces.Find(piece => piece.Contains(address))!.Give(address, (int)(RoundUp(length) / UnitSize));
        }
    }

    private static bool TryTake(Piece piece, int units, out nint address)
    {
        while (piece.TryTake(units, out address))
        {
            if (SystemMemory.Current.TryHold(address, units * UnitSize))
            {
                return true;
            }
        }                                                           // somebody else's: never asked for again

        return false;
    }

    private sealed class Piece(nint start)
    {
        private const int Units = (int)(PieceSize / UnitSize);

        private readonly bool[] _taken = new bool[Units];
        private int _free = Units;
        private int _next;                                          // where the last search ended: reuse comes late

        internal bool Contains(nint address) => address >= start && address - start < PieceSize;

        internal bool TryTake(int units, out nint address)
        {
            address = 0;
            if (units > _free || (!TryFind(_next, units, out int first) && !TryFind(0, units, out first)))
            {
                return false;
            }

            _taken.AsSpan(first, units).Fill(true);
            _free -= units;
            _next = first + units;
            address = start + (nint)(first * UnitSize);
            return true;
        }

        internal void Give(nint address, int units)
        {
            _taken.AsSpan((int)((address - start) / UnitSize), units).Clear();
            _free += units;
        }

        private bool TryFind(int from, int units, out int first)
        {
            int run = 0;
            for (int unit = from; unit < Units; unit++)
            {
                run = _taken[unit] ? 0 : run + 1;
                if (run == units)
                {
                    first = unit - units + 1;
                    return true;
                }
            }

            first = 0;
            return false;
        }
    }
}
