using System.Collections.Immutable;
using Runtime.Core.Managers;

namespace Runtime.Core.Memory;

/// <summary>
/// The memory of all containers of a kernel: keeps what is resident within the budget by asking managers to give back.
/// </summary>
/// <remarks>
/// Thread safe. One thread at a time asks; the others wait for what it frees. Nothing is allocated: it runs in faults.
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

    private readonly object _reclaimLock = new();
    private readonly Victims _victims = new();                      // guarded by _reclaimLock
    private readonly int _batch;
    private ImmutableArray<ClockHand> _hands = [];                  // one for each manager; changed by Interlocked
    private int _nextHand;
    private int _filling;

    internal ResidentMemory(long budgetBytes)
    {
        Budget = new MemoryBudget(budgetBytes / PageNumber.Size);
        Buffers = new PageBuffers(Budget);
        _batch = (int)Math.Clamp(Budget.Limit / BatchesInBudget, SmallestBatch, LargestBatch);
    }

    internal MemoryBudget Budget { get; }

    /// <summary>For copies put aside.</summary>
    internal PageBuffers Buffers { get; }

    internal void Add(ContainerMemory memory)
    {
        if (!_hands.Any(hand => hand.Manager == memory.Manager))
        {
            ImmutableInterlocked.Update(ref _hands, hands => hands.Add(new ClockHand(memory.Manager)));
        }

        _hands.First(hand => hand.Manager == memory.Manager).Add(memory);
    }

    internal void Remove(ContainerMemory memory) =>
        _hands.FirstOrDefault(hand => hand.Manager == memory.Manager)?.Remove(memory);

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
    /// <returns><see cref="Status.NoResources"/> if all memory is pinned.</returns>
    internal Status Take(long pages, long deadlineMs)
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
            long freed = Reclaim(Math.Max(pages, _batch), deadlineMs);
            if (Budget.TryTake(pages))
            {
                return Status.Success;
            }

            // Pages that are being filled or saved can be freed soon.
            fruitless = freed > 0 || Volatile.Read(ref _filling) > 0 || IsSaving ? 0 : fruitless + 1;
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

    public void Dispose() => Buffers.Dispose();

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

    private long Reclaim(long pages, long deadlineMs)
    {
        long left = deadlineMs - Environment.TickCount64;
        if (left <= 0 || !Monitor.TryEnter(_reclaimLock, (int)Math.Min(left, int.MaxValue)))
        {
            return 0;
        }

        s_isReclaiming = true;
        try
        {
            return Budget.Used + pages <= Budget.Limit ? pages : ReclaimUnsynchronized(pages);
        }
        finally
        {
            s_isReclaiming = false;
            Monitor.Exit(_reclaimLock);
        }
    }

    private long ReclaimUnsynchronized(long pages)
    {
        ImmutableArray<ClockHand> hands = _hands;
        long freed = 0;
        for (int i = 0; i < hands.Length && freed < pages; i++)
        {
            ClockHand hand = hands[(_nextHand + i) % hands.Length];
            freed += hand.Ask(_victims, pages - freed);
        }

        _nextHand = hands.Length == 0 ? 0 : (_nextHand + 1) % hands.Length;
        return freed;
    }
}
