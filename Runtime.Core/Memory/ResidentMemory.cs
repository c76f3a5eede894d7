using System.Collections.Immutable;
using Runtime.Core.Managers;
using Runtime.Core.Storage;

namespace Runtime.Core.Memory;

/// <summary>
/// The memory of all containers of a kernel: keeps what is resident within the budget by asking managers to give back.
/// </summary>
/// <remarks>
/// Thread safe. One thread at a time asks; the others wait for what it frees, unless it waits for a manager itself for
/// too long. Nothing is allocated: it runs in faults.
/// </remarks>
internal sealed class ResidentMemory : IDisposable
{
    // A fault that finds the budget used up frees some more, so that the next ones need not.
    private const int SmallestBatch = 8;
    private const int LargestBatch = 256;
    private const int BatchesInBudget = 64;

    // Nobody fills or saves a page, and still nothing could be freed: so often, then all of it is pinned.
    private const int FruitlessAttempts = 5;

    [ThreadStatic]
    private static bool s_isReclaiming;

    private readonly ReclaimTurn _turn;
    private readonly int _limitMs;
    private readonly int _batch;
    private Reclaimer? _spareReclaimer;                             // changed by Interlocked, as all that follow
    private Asker? _spareAsker;
    private ImmutableArray<ClockHand> _hands = [];                  // one for each manager
    private ImmutableArray<PageSet> _sets = [];                     // those that managers have made
    private int _nextHand;
    private int _filling;
    private int _closing;
    private long _forced;
    private long _overdue;

    /// <param name="budgetBytes">What all containers may have in memory.</param>
    /// <param name="discardLimit">How long anybody waits for a manager that is asked for pages.</param>
    /// <param name="spill">Where pages go whose managers do not take them; null for nowhere.</param>
    internal ResidentMemory(long budgetBytes, TimeSpan discardLimit, ISpill? spill)
    {
        Spill = new SpillArea(spill);
        _limitMs = (int)discardLimit.TotalMilliseconds;
        _turn = new ReclaimTurn(_limitMs);
        Budget = new MemoryBudget(budgetBytes / PageNumber.Size);
        Buffers = new PageBuffers(Budget);
        _batch = (int)Math.Clamp(Budget.Limit / BatchesInBudget, SmallestBatch, LargestBatch);
    }

    internal MemoryBudget Budget { get; }

    internal SpillArea Spill { get; }

    /// <summary>Where managers that await go on.</summary>
    internal TaskThreads Tasks { get; init; } = new(most: 1);

    /// <summary>Which of the containers show ranges of which others.</summary>
    internal MappingGraph Mappings { get; } = new();

    /// <summary>For copies put aside.</summary>
    internal PageBuffers Buffers { get; }

    /// <summary>Pages of memory that were taken from managers which did not give enough.</summary>
    internal long Forced => Interlocked.Read(ref _forced);

    /// <summary>How often a manager did not answer in time when it was asked for pages.</summary>
    internal long Overdue => Interlocked.Read(ref _overdue);

    /// <returns>Where what it has in memory is to be counted.</returns>
    internal ClockHand Add(ContainerMemory memory)
    {
        if (!_hands.Any(hand => hand.Manager == memory.Manager))
        {
            ImmutableInterlocked.Update(ref _hands, hands => hands.Any(hand => hand.Manager == memory.Manager)
                ? hands
                : hands.Add(new ClockHand(memory.Manager)));
        }

        ClockHand hand = _hands.First(hand => hand.Manager == memory.Manager);
        hand.Add(memory);
        return hand;
    }

    internal void Remove(ContainerMemory memory) =>
        _hands.FirstOrDefault(hand => hand.Manager == memory.Manager)?.Remove(memory);

    /// <summary>Credits that the set holds unspent can be taken back.</summary>
    internal void Add(PageSet set) =>
        ImmutableInterlocked.Update(ref _sets, static (sets, added) => sets.Add(added), set);

    internal void Remove(PageSet set) =>
        ImmutableInterlocked.Update(ref _sets, static (sets, removed) => sets.Remove(removed), set);

    /// <summary>The container that a manager knows by a token, if it is open.</summary>
    internal ContainerMemory? Find(Manager manager, Token container)
    {
        foreach (ClockHand hand in _hands)
        {
            if (hand.Manager == manager)
            {
                return hand.Find(container);
            }
        }

        return null;
    }

    /// <summary>Takes credits for pages that are about to be filled, and makes room for them if need be.</summary>
    /// <param name="pages">How many.</param>
    /// <param name="own">The manager that is to fill them.</param>
    /// <param name="deadlineMs">Until when to wait.</param>
    /// <param name="isNested">
    /// Whether it is for an upcall about other pages, which may be the one that would make room: it does not wait.
    /// </param>
    /// <returns><see cref="Status.NoResources"/> if all memory is pinned.</returns>
    internal Status Take(long pages, Manager own, long deadlineMs, bool isNested = false)
    {
        if (Budget.TryTake(pages))
        {
            return Status.Success;
        }

        if (s_isReclaiming)
        {
            // A manager that touches pages while it gives pages back: it must not wait for itself.
            Budget.Overdraw(pages);
            return Status.Success;
        }

        if (pages > Budget.Limit)
        {
            return Status.NoResources;
        }

        for (int fruitless = 0; fruitless < FruitlessAttempts;)
        {
            long freed = Reclaim(
                pages, own, isNested ? Math.Min(deadlineMs, Environment.TickCount64 + _limitMs) : deadlineMs);
            if (Budget.TryTake(pages))
            {
                return Status.Success;
            }

            if (freed == 0 && TryTakeBackCredits())
            {
                continue;
            }

            if (isNested)
            {
                Budget.Overdraw(pages);
                return Status.Success;
            }

            // Pages that are being filled, saved or put aside can be freed soon, and those of what closes are.
            bool isHopeful = freed > 0 || Volatile.Read(ref _filling) > 0 || Volatile.Read(ref _closing) > 0
                || IsSaving || Spill.IsWriting;
            fruitless = isHopeful ? 0 : fruitless + 1;
            if (freed == 0 && !Budget.WaitForReturn(deadlineMs))
            {
                return Status.DeadlineExceeded;
            }
        }

        return Status.NoResources;
    }

    /// <summary>A page is being filled, and will be one that can be freed.</summary>
    internal void BeginFill() => Interlocked.Increment(ref _filling);

    internal void EndFill() => Interlocked.Decrement(ref _filling);

    /// <summary>A container closes: nobody is asked for its pages any more, and soon they are free.</summary>
    internal void BeginClose() => Interlocked.Increment(ref _closing);

    internal void EndClose() => Interlocked.Decrement(ref _closing);

    internal void CountForced(long pages) => Interlocked.Add(ref _forced, pages);

    /// <summary>A manager is passed by; it counts once for each time that it was asked.</summary>
    internal void CountOverdue(ClockHand hand)
    {
        bool isLate = hand.AnsweredMs + _limitMs <= Environment.TickCount64;
        if (isLate && hand.TryNoteOverdue())
        {
            Interlocked.Increment(ref _overdue);
        }
    }

    /// <summary>Asks a manager without being at its mercy: on another thread, up to the limit.</summary>
    internal long AskApart(ClockHand hand, long pages, long deadlineMs)
    {
        Asker asker = Interlocked.Exchange(ref _spareAsker, null) ?? new Asker(new Victims(_turn));
        if (asker.TryAsk(hand, pages, _limitMs, deadlineMs, out long freed))
        {
            Interlocked.Exchange(ref _spareAsker, asker)?.Dispose();
            return freed;
        }

        CountOverdue(hand);
        return 0;
    }

    /// <summary>From here on pages that the calling thread touches need not wait for others to leave.</summary>
    internal static void BeginReclaiming() => s_isReclaiming = true;

    public void Dispose()
    {
        Interlocked.Exchange(ref _spareAsker, null)?.Dispose();
        Tasks.Dispose();
        Buffers.Dispose();
    }

    private bool TryTakeBackCredits()
    {
        long taken = 0;
        foreach (PageSet set in _sets)
        {
            taken += set.TakeBack();
        }

        return taken > 0;
    }

    private bool IsSaving
    {
        get
        {
            foreach (ClockHand hand in _hands)
            {
                if (hand.IsSaving)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private long Reclaim(long needed, Manager own, long deadlineMs)
    {
        long number = _turn.Enter(deadlineMs);
        if (number == 0)
        {
            return 0;
        }

        Reclaimer reclaimer = Interlocked.Exchange(ref _spareReclaimer, null) ?? new Reclaimer(this, _turn);
        s_isReclaiming = true;
        try
        {
            long wanted = Math.Max(needed, _batch);
            ImmutableArray<ClockHand> hands = _hands;
            int first = (int)((uint)Interlocked.Increment(ref _nextHand) % Math.Max(1, hands.Length));
            return Budget.Used + wanted <= Budget.Limit
                ? wanted
                : reclaimer.Run(hands, first, needed, wanted, own, deadlineMs);
        }
        finally
        {
            s_isReclaiming = false;
            _spareReclaimer = reclaimer;
            _turn.Exit(number);
        }
    }
}
