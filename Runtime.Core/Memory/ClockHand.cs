using System.Collections.Immutable;
using Runtime.Core.Managers;

namespace Runtime.Core.Memory;

/// <summary>
/// Goes round the pages of one manager's containers: a page touched since it passed last gets a second chance.
/// </summary>
/// <remarks>
/// Thread safe. Source: the clock algorithm, F. J. Corbató, "A Paging Experiment with the Multics System", 1968. There
/// the hardware notes touches; here a passed page's window is closed, and a touch is a soft fault.
/// </remarks>
internal sealed class ClockHand(Manager manager)
{
    // The rest of this turn, one to take second chances away, one to find who did not use them.
    private const int MostTurns = 3;

    private readonly Lock _lock = new();                            // guards the position, down to _startPage
    private ContainerMemory? _current;
    private int _index;                                             // of _current, unless some were removed
    private long _page;
    private int _turns;
    private bool _isSinglePass;
    private ContainerMemory? _start;
    private long _startPage;

    private ImmutableArray<ContainerMemory> _memories = [];         // changed by Interlocked
    private long _held;
    private int _isAsked;
    private volatile bool _hasFailed;
    private int _isOverdue;
    private long _answeredMs;

    internal Manager Manager => manager;

    /// <summary>How many pages of memory its containers have.</summary>
    internal long Held => Interlocked.Read(ref _held);

    /// <summary>
    /// What it is to give of what was wanted so far; less than nothing if it gave more. Only whoever reclaims uses it.
    /// </summary>
    internal double Owed { get; set; }

    /// <summary>The last round in which all that it has was looked at; only whoever reclaims uses it.</summary>
    internal long Round { get; set; }

    /// <summary>
    /// When the manager was asked, or gave something last, on the clock of <see cref="Environment.TickCount64"/>.
    /// </summary>
    internal long AnsweredMs => Interlocked.Read(ref _answeredMs);

    /// <summary>Whether pages are held for a cut, or for a save, and soon will not be.</summary>
    internal bool IsSaving
    {
        get
        {
            foreach (ContainerMemory memory in _memories)
            {
                if (memory.Gate.IsCutting || !memory.Pending.IsEmpty)
                {
                    return true;
                }
            }

            return false;
        }
    }

    internal void Add(ContainerMemory memory)
    {
        ImmutableInterlocked.Update(ref _memories, static (all, added) => all.Add(added), memory);
        _hasFailed = false;                                         // somebody trusts it again
    }

    internal void Remove(ContainerMemory memory) =>
        ImmutableInterlocked.Update(ref _memories, static (all, removed) => all.Remove(removed), memory);

    /// <summary>Its containers have so many pages of memory more.</summary>
    internal void AddHeld(long pages) => Interlocked.Add(ref _held, pages);

    /// <summary>
    /// From here on pages are offered until the hand has gone round: once, so that no page touched before is offered,
    /// or until every page was that may leave.
    /// </summary>
    internal void BeginPass(bool isSingle)
    {
        lock (_lock)
        {
            _turns = 0;
            _isSinglePass = isSingle;
            (_start, _startPage) = (_current, _page);
        }
    }

    /// <summary>
    /// Asks the manager to give pages back, unless it has failed or still has to answer from the last time.
    /// </summary>
    /// <returns>How many pages of memory were freed.</returns>
    internal long Ask(Victims victims, long pages)
    {
        if (_hasFailed || Interlocked.CompareExchange(ref _isAsked, 1, 0) != 0)
        {
            return 0;
        }

        Volatile.Write(ref _isOverdue, 0);
        NoteAnswer();
        victims.NoteProgress();                                     // no earlier: who passes by finds the hand overdue
        victims.Begin(this, pages);
        try
        {
            manager.PageDiscard(new DiscardRequest(victims));
        }
#pragma warning disable CA1031 // A manager is somebody else's code; the memory is needed whatever it throws.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            victims.Abandon();
            NoteFailure(failure);
        }
        finally
        {
            victims.End();
            Volatile.Write(ref _isAsked, 0);
        }

        return victims.Freed;
    }

    /// <summary>What a disk answers is no failure of the manager's; any other is one for all its containers.</summary>
    private void NoteFailure(Exception failure)
    {
        if (failure is KernelException refusal && ManagerCall.MaySucceedLater(refusal.Status))
        {
            return;
        }

        _hasFailed = true;
        foreach (ContainerMemory memory in _memories)
        {
            memory.SetQuarantine(ManagerCall.Failure(memory.Name, nameof(Manager.PageDiscard), failure));
        }
    }

    /// <summary>Whether the manager still has to answer.</summary>
    internal bool IsAsked => Volatile.Read(ref _isAsked) != 0;

    /// <summary>The manager does not answer in time; true once for each time that it was asked.</summary>
    internal bool TryNoteOverdue() => IsAsked && Interlocked.Exchange(ref _isOverdue, 1) == 0;

    internal void NoteAnswer() => Interlocked.Exchange(ref _answeredMs, Environment.TickCount64);

    /// <summary>
    /// Takes clean pages from the manager, without asking; dirty ones, too, if they can be put aside.
    /// </summary>
    /// <returns>How many pages of memory were freed.</returns>
    internal long Take(Victims victims, long pages, SpillArea? spill)
    {
        victims.Begin(this, pages);
        try
        {
            while (victims.TryNext())
            {
                victims.DiscardByForce(spill);
            }
        }
        finally
        {
            victims.End();
        }

        return victims.Freed;
    }

    /// <summary>Moves on to the next pages that may leave memory; false when the pass is over.</summary>
    internal bool TryAdvance(Victims victims)
    {
        lock (_lock)
        {
            ImmutableArray<ContainerMemory> memories = _memories;
            while (memories.Length > 0 && !IsPassOverUnsynchronized)
            {
                int index = _index < memories.Length && memories[_index] == _current
                    ? _index
                    : memories.IndexOf(_current!);
                if (index < 0)
                {
                    (_current, _page, index) = (memories[0], 0, 0);
                    _start ??= _current;
                }

                bool isFound = _current!.TryCollectVictims(victims, ref _page);
                if (_page >= _current.PageCount)
                {
                    index = (index + 1) % memories.Length;
                    (_current, _page) = (memories[index], 0);
                    _turns += index == 0 ? 1 : 0;
                }

                _index = index;
                if (isFound)
                {
                    return true;
                }
            }

            return false;
        }
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

    // Where the pass began may have been closed meanwhile; then it ends with the second turn.
    private bool IsPassOverUnsynchronized => _isSinglePass
        ? _turns > 1 || (_turns == 1 && _current == _start && _page >= _startPage)
        : _turns >= MostTurns;
}
