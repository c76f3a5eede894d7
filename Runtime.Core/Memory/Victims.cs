using Runtime.Core.Faults;

namespace Runtime.Core.Memory;

/// <summary>Pages claimed to leave memory, at most <see cref="Most"/> of one container at a time.</summary>
/// <remarks>Not thread safe; the one who reclaims has it. Used again, so that reclaiming allocates nothing.</remarks>
internal sealed class Victims(ReclaimTurn turn)
{
    /// <summary>As many as a chunk of memory has on a system that returns memory in chunks.</summary>
    internal const int Most = 256;

    /// <summary>In place of where a page was put aside: it was not.</summary>
    internal const long NoSlot = -1;

    private readonly long[] _pages = new long[Most];
    private readonly bool[] _isSaved = new bool[Most];
    private readonly long[] _slots = new long[Most];                // where they were put aside, or NoSlot
    private ClockHand? _hand;
    private FaultContext? _context;
    private ContainerMemory? _memory;

    /// <summary>How many pages of memory are wanted.</summary>
    internal long Wanted { get; private set; }

    /// <summary>How many were freed.</summary>
    internal long Freed { get; private set; }

    /// <summary>How many pages are claimed now.</summary>
    internal int Count { get; private set; }

    internal int Owner => _context!.Number;

    internal Token Container => _memory!.Token;

    internal void Begin(ClockHand hand, long wanted)
    {
        _hand = hand;
        (Wanted, Freed) = (wanted, 0);
    }

    internal void NoteProgress() => turn.NoteProgress();

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
        _context = FaultContext.BeginServing(memory);
        return true;
    }

    internal void Add(long page)
    {
        _isSaved[Count] = false;
        _slots[Count] = NoSlot;
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
                _slots[kept] = _slots[i];
                _pages[kept++] = _pages[i];
            }
        }

        Count = 0;
        long freed = kept > 0 ? _memory!.Evict(_pages.AsSpan(0, kept), _slots) : 0;
        Freed += freed;
        if (freed > 0)
        {
            _hand!.NoteAnswer();
            turn.NoteProgress();
        }

        return freed;
    }

    /// <summary>
    /// Frees the claimed pages that are clean, whatever their manager says, and dirty ones that can be put aside.
    /// </summary>
    internal void DiscardByForce(SpillArea? spill)
    {
        ContainerMemory memory = _memory!;
        long before = Freed;
        for (int i = 0; i < Count && spill is not null; i++)
        {
            if (IsDirty(i) && spill.TryWrite(Memory(i), out uint slot))
            {
                turn.NoteProgress();
                _slots[i] = slot;
                _isSaved[i] = true;
            }
        }

        Discard();
        memory.CountForced(Freed - before);
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
        _context?.EndServing();
        _context = null;
        _memory?.Leave();
        _memory = null;
    }

    private int Check(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index;
    }
}
