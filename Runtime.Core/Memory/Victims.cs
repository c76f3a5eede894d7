using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Pages claimed to leave memory, at most <see cref="Most"/> of one container at a time.</summary>
/// <remarks>Not thread safe; the one who reclaims has it. Made once, so that reclaiming allocates nothing.</remarks>
internal sealed class Victims
{
    /// <summary>As many as a chunk of memory has on a system that returns memory in chunks.</summary>
    internal const int Most = 256;

    private readonly long[] _pages = new long[Most];
    private readonly bool[] _isSaved = new bool[Most];
    private ClockHand? _hand;
    private FaultContext? _context;
    private ulong _before;
    private ContainerMemory? _memory;

    /// <summary>How many pages of memory are wanted.</summary>
    internal long Wanted { get; private set; }

    /// <summary>How many were freed.</summary>
    internal long Freed { get; private set; }

    /// <summary>How often the hand has gone round for this.</summary>
    internal int Turns { get; set; }

    /// <summary>How many pages are claimed now.</summary>
    internal int Count { get; private set; }

    internal int Owner => _context!.Number;

    internal Token Container => _memory!.Token;

    internal void Begin(ClockHand hand, long wanted)
    {
        _hand = hand;
        (Wanted, Freed, Turns) = (wanted, 0, 0);
    }

    /// <summary>Claims the next pages that the clock offers, until enough are freed.</summary>
    internal bool TryNext()
    {
        Abandon();
        return Freed < Wanted && _hand!.TryAdvance(this);
    }

    /// <summary>Claims pages of the manager's choice, those of them that may leave.</summary>
    internal bool TryChoose(Token container, long first, int count)
    {
        Abandon();
        if (_hand!.Find(container) is not { } memory || !TryUse(memory))
        {
            return false;
        }

        for (long page = first; page < first + Math.Min(count, Most); page++)
        {
            if (memory.TryClaimVictim(this, page))
            {
                Add(page);
            }
        }

        return Count > 0;
    }

    /// <summary>From here on pages of this container are added; false if it is closed.</summary>
    internal bool TryUse(ContainerMemory memory)
    {
        if (_memory == memory)
        {
            return true;
        }

        Leave();
        if (!memory.TryEnter())
        {
            return false;
        }

        _memory = memory;
        _before = Trap.ExchangeServing(0);
        _context = FaultContext.Enter(memory, offset: 0, Access.Read, _before, memory.DeadlineMs);
        Trap.ExchangeServing((ulong)_context.Number);
        return true;
    }

    internal void Add(long page)
    {
        _isSaved[Count] = false;
        _pages[Count++] = page;
    }

    internal PageNumber Page(int index) => new((ulong)_pages[Check(index)]);

    internal bool IsDirty(int index) => _memory!.Table[_pages[Check(index)]].IsDirty && !_isSaved[index];

    internal ReadOnlySpan<byte> Memory(int index) => _memory!.KernelView(_pages[Check(index)]);

    internal void MarkSaved(int index) => _isSaved[Check(index)] = true;

    /// <summary>Frees the claimed pages that are clean or were marked; the others stay.</summary>
    internal long Discard()
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (IsDirty(i))
            {
                _memory!.AbandonVictim(_pages[i]);
            }
            else
            {
                _pages[kept++] = _pages[i];
            }
        }

        Count = 0;
        long freed = kept > 0 ? _memory!.Evict(_pages.AsSpan(0, kept)) : 0;
        Freed += freed;
        return freed;
    }

    /// <summary>Lets go of the claimed pages.</summary>
    internal void Abandon()
    {
        for (int i = 0; i < Count; i++)
        {
            _memory!.AbandonVictim(_pages[i]);
        }

        Count = 0;
    }

    internal void End()
    {
        Abandon();
        Leave();
        _hand = null;
    }

    private void Leave()
    {
        if (_context is { } context)
        {
            Trap.ExchangeServing(_before);
            context.Exit();
            _context = null;
        }

        _memory?.Leave();
        _memory = null;
    }

    private int Check(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index;
    }
}
