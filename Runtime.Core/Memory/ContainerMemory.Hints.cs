using System.Collections.Immutable;
using Runtime.Core.Containers;
using Runtime.Core.Faults;

namespace Runtime.Core.Memory;

/// <summary>What the program has said about ranges, and what is done about it.</summary>
internal sealed partial class ContainerMemory
{
    private const int MostAdvice = 64;
    private const int LargestPrefetch = 4;                          // one part of the budget in so many

    private ImmutableArray<Advice> _advice = [];                    // newest first; changed by Interlocked

    /// <summary>How many pages one prefetch brings in, so that it drives out no more than a share.</summary>
    internal long MostToPrefetch => Math.Max(_resident.Budget.Limit / LargestPrefetch, 1);

    internal void Advise(long first, long count, AccessPattern pattern)
    {
        if (pattern <= AccessPattern.Random)
        {
            var advice = new Advice(first, first + count, pattern);
            ImmutableInterlocked.Update(ref _advice, known => [advice, .. known.Where(older =>
                older.First < advice.First || older.End > advice.End).Take(MostAdvice - 1)]);
        }

        if (!TryEnter())
        {
            return;
        }

        try
        {
            Manager.ContainerAdvised(Token, new PageNumber((ulong)first), count, pattern);
        }
#pragma warning disable CA1031 // It was a hint, for a manager that is somebody else's code: nobody waits for an answer.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            Leave();
        }

        if (pattern == AccessPattern.DontNeed)
        {
            LetGo(first, count);
        }
    }

    /// <summary>Brings a page in for reading, as a fault in the pane would; the caller is inside.</summary>
    internal bool TryBring(Pane pane, long page, long pagesLeft)
    {
        FaultContext context = FaultContext.BeginServing(this, (ulong)page * PageNumber.Size, Access.Read);
        context.Pane = pane;
        Request(context, pagesLeft);
        try
        {
            return !IsBeyondEnd(page) && FaultRouter.ServeOrNote(context) == Status.Success;
        }
        finally
        {
            context.EndServing();
        }
    }

    private AccessPattern PatternAt(long page)
    {
        foreach (Advice advice in _advice)
        {
            if (page >= advice.First && page < advice.End)
            {
                return advice.Pattern;
            }
        }

        return AccessPattern.Normal;
    }

    /// <summary>Clean pages leave memory; what is held, claimed or dirty stays.</summary>
    private void LetGo(long first, long count)
    {
        long end = Math.Min(first + count, PageNumber.CountFor(Length));
        for (long page = Table.FindUsed(first); page < end; page = Table.FindUsed(page + 1))
        {
            PageEntry entry = Table[page];
            if (MayLeave(entry) && !entry.IsDirty)
            {
                Remove(page, content: [], out _);
            }
        }
    }

    private readonly record struct Advice(long First, long End, AccessPattern Pattern);
}
