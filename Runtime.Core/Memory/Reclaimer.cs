using System.Collections.Immutable;
using Runtime.Core.Managers;

namespace Runtime.Core.Memory;

/// <summary>Makes room once: decides which managers are to give how much.</summary>
/// <remarks>
/// Not thread safe; used again, so that reclaiming allocates nothing. Each manager is left a share of the budget; of
/// what is wanted each gives in proportion to what it has beyond. Source: C. A. Waldspurger, "Memory Resource
/// Management in VMware ESX Server", OSDI 2002, whose machines have a guaranteed minimum and shares beyond it.
/// </remarks>
internal sealed class Reclaimer(ResidentMemory resident, ReclaimTurn turn)
{
    // A quarter of the budget is promised to the managers, in equal shares.
    private const int PartPromised = 4;

    // Who owes less, or less than comes at a time, is not asked yet: that costs more than these few are worth.
    private const int LeastAsked = 8;

    private static long s_lastRound;

    private readonly Victims _victims = new(turn);
    private Manager _own = null!;
    private long _deadlineMs;
    private long _wanted;
    private long _freed;

    /// <summary>Makes room for <paramref name="wanted"/> pages, or at least for those that are needed.</summary>
    /// <param name="hands">The managers.</param>
    /// <param name="first">With which of them to begin.</param>
    /// <param name="needed">How many pages of memory the caller cannot go on without.</param>
    /// <param name="wanted">How many it would be well to have.</param>
    /// <param name="own">The manager whose fault this is: it is asked on the calling thread.</param>
    /// <param name="deadlineMs">When the caller gives up.</param>
    /// <returns>How many were freed.</returns>
    internal long Run(
        ImmutableArray<ClockHand> hands, int first, long needed, long wanted, Manager own, long deadlineMs)
    {
        (_own, _deadlineMs, _wanted, _freed) = (own, deadlineMs, wanted, 0);
        long share = hands.Length == 0 ? 0 : resident.Budget.Limit / (PartPromised * hands.Length);
        AskForParts(hands, first, share, Math.Min(Math.Max(LeastAsked, needed), wanted));
        long round = Interlocked.Increment(ref s_lastRound);
        for (int i = 0; i < hands.Length && _freed < needed; i++)
        {
            // Those who have most beyond their share come first, and those who are within it last.
            ClockHand hand = FindLargest(hands, round);
            hand.Round = round;
            TakeFrom(hand, wanted - _freed, isSinglePass: false);
            if (_freed < needed)
            {
                Spill(hand, wanted - _freed);
            }
        }

        return _freed;
    }

    private static ClockHand FindLargest(ImmutableArray<ClockHand> hands, long round)
    {
        ClockHand largest = hands[0];
        foreach (ClockHand hand in hands)
        {
            if (hand.Round != round && (largest.Round == round || hand.Held > largest.Held))
            {
                largest = hand;
            }
        }

        return largest;
    }

    /// <summary>
    /// Each gives its part, but nothing that was touched since the hand passed: that is forgiven, so that a few pages
    /// in use stay, however much others bring in.
    /// </summary>
    private void AskForParts(ImmutableArray<ClockHand> hands, int first, long share, long least)
    {
        double excess = 0;
        foreach (ClockHand hand in hands)
        {
            excess += Math.Max(0, hand.Held - share);
        }

        for (int i = 0; i < hands.Length && _freed < _wanted && excess > 0; i++)
        {
            ClockHand hand = hands[(first + i) % hands.Length];
            hand.Owed += _wanted * Math.Max(0, hand.Held - share) / excess;
            if (hand.Owed >= least)
            {
                TakeFrom(hand, (long)Math.Ceiling(hand.Owed), isSinglePass: hands.Length > 1);
                hand.Owed = Math.Min(0, hand.Owed);
            }
        }
    }

    private void TakeFrom(ClockHand hand, long pages, bool isSinglePass)
    {
        turn.NoteProgress();
        hand.BeginPass(isSinglePass);
        long freed = Ask(hand, pages);
        if (freed < pages)
        {
            if (!isSinglePass)
            {
                hand.BeginPass(isSingle: false);                    // what the manager was offered, and left
            }

            long taken = hand.Take(_victims, pages - freed, spill: null);
            resident.CountForced(taken);
            freed += taken;
        }

        hand.Owed -= freed;
        _freed += freed;
    }

    /// <summary>Dirty pages that the manager did not take are put aside: before others lose their shares.</summary>
    private void Spill(ClockHand hand, long pages)
    {
        if (!resident.Spill.TryBeginWriting())
        {
            return;
        }

        try
        {
            turn.NoteProgress();
            hand.BeginPass(isSingle: false);
            long taken = hand.Take(_victims, pages, resident.Spill);
            resident.CountForced(taken);
            hand.Owed -= taken;
            _freed += taken;
        }
        finally
        {
            resident.Spill.EndWriting();
        }
    }

    private long Ask(ClockHand hand, long pages)
    {
        if (!hand.IsAsked)
        {
            return hand.Manager == _own ? hand.Ask(_victims, pages) : resident.AskApart(hand, pages, _deadlineMs);
        }

        resident.CountOverdue(hand);
        return 0;
    }
}
