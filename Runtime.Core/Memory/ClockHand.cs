using System.Collections.Immutable;
using Runtime.Core.Managers;

namespace Runtime.Core.Memory;

/// <summary>
/// Goes round the pages of one manager's containers: a page touched since it passed last gets a second chance.
/// </summary>
/// <remarks>
/// Not thread safe but for <see cref="Add"/> and <see cref="Remove"/>; one thread at a time reclaims. Source: the clock
/// algorithm, F. J. Corbató, "A Paging Experiment with the Multics System", 1968. There the hardware notes touches;
/// here a passed page's window is closed, and a touch is a soft fault.
/// </remarks>
internal sealed class ClockHand(Manager manager)
{
    // The rest of this turn, one to take second chances away, one to find who did not use them.
    private const int MostTurns = 3;

    private ImmutableArray<ContainerMemory> _memories = [];         // changed by Interlocked
    private ContainerMemory? _current;
    private int _index;                                             // of _current, unless some were removed
    private long _page;

    internal Manager Manager => manager;

    internal bool IsSaving
    {
        get
        {
            foreach (ContainerMemory memory in _memories)
            {
                if (!memory.Pending.IsEmpty)
                {
                    return true;
                }
            }

            return false;
        }
    }

    internal void Add(ContainerMemory memory) =>
        ImmutableInterlocked.Update(ref _memories, static (all, added) => all.Add(added), memory);

    internal void Remove(ContainerMemory memory) =>
        ImmutableInterlocked.Update(ref _memories, static (all, removed) => all.Remove(removed), memory);

    /// <summary>Asks the manager to give pages back, and takes clean ones from it if it does not.</summary>
    /// <returns>How many pages of memory were freed.</returns>
    internal long Ask(Victims victims, long pages)
    {
        victims.Begin(this, pages);
        try
        {
            manager.PageDiscard(new DiscardRequest(victims));
        }
#pragma warning disable CA1031 // A manager is somebody else's code; the memory is needed whatever it throws.
        catch (Exception)
#pragma warning restore CA1031
        {
            victims.Abandon();
        }

        victims.Turns = 0;
        while (victims.TryNext())
        {
            victims.Discard();
        }

        victims.End();
        return victims.Freed;
    }

    /// <summary>Moves on to the next pages that may leave memory; false after going round twice.</summary>
    internal bool TryAdvance(Victims victims)
    {
        ImmutableArray<ContainerMemory> memories = _memories;
        while (victims.Turns < MostTurns && memories.Length > 0)
        {
            int index = _index < memories.Length && memories[_index] == _current
                ? _index
                : memories.IndexOf(_current!);
            if (index < 0)
            {
                (_current, _page, index) = (memories[0], 0, 0);
            }

            bool isFound = _current!.TryCollectVictims(victims, ref _page);
            if (_page >= _current.PageCount)
            {
                index = (index + 1) % memories.Length;
                (_current, _page) = (memories[index], 0);
                victims.Turns += index == 0 ? 1 : 0;
            }

            _index = index;
            if (isFound)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The token's container, if it is one of this manager's.</summary>
    internal ContainerMemory? Find(Token container)
    {
        foreach (ContainerMemory memory in _memories)
        {
            if (memory.Token == container)
            {
                return memory;
            }
        }

        return null;
    }
}
