using Runtime.Core.Memory;
using Runtime.Core.Tracing;

namespace Runtime.Core.Managers;

/// <summary>
/// The memory that a kernel lends to a manager: from it pages are brought in before they are asked for, at once if
/// there is room, or for credits that were taken ahead.
/// </summary>
/// <remarks>
/// Thread safe. Each manager has one (<see cref="Manager.Pages"/>) and may make more
/// (<see cref="ManagerServices.PageSetCreate"/>). A credit is the right to one resident page, not a piece of memory;
/// what is discarded goes back to the kernel, not to the set. Disposing gives back what was not spent; when memory is
/// wanted and nothing else can be freed, the kernel takes it back before.
/// </remarks>
public sealed class PageSet : IDisposable
{
    private readonly Lock _lock = new();                            // guards _credits, _isDisposed
    private readonly ResidentMemory _resident;
    private int _credits;
    private bool _isDisposed;

    internal PageSet(ResidentMemory resident, Manager manager, long limit)
    {
        _resident = resident;
        Manager = manager;
        Limit = limit;
    }

    /// <summary>
    /// How many credits it holds at most; of the manager's first one, how many pages the kernel may keep in memory for
    /// all managers together.
    /// </summary>
    public long Limit { get; }

    /// <summary>How many it holds, unspent.</summary>
    public int Credits
    {
        get
        {
            lock (_lock)
            {
                return _credits;
            }
        }
    }

    /// <summary>
    /// <c>PageSetTake</c>: takes credits that are free now; nobody's pages are discarded for them.
    /// </summary>
    /// <param name="count">How many at most; at least 1.</param>
    /// <param name="granted">How many there were, up to the limit.</param>
    /// <returns><see cref="Status.Success"/>, or <see cref="Status.NoResources"/> if there was none.</returns>
    public Status Take(int count, out int granted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var outcome = new TraceOutcome();
        using TraceScope traced = ManagerServices.Trace(Manager, CallNames.PageSetTake, count, ref outcome);
        granted = 0;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            int most = (int)Math.Min(count, Limit - _credits);
            while (granted < most && _resident.Budget.TryTake(1))
            {
                granted++;
            }

            _credits += granted;
        }

        outcome.Result = granted;
        return outcome.Status = granted > 0 ? Status.Success : Status.NoResources;
    }

    /// <summary>
    /// Claims absent pages that follow each other, outside of any fault: for read-ahead. Others leave memory for them.
    /// </summary>
    /// <param name="container">The manager's own name for the container.</param>
    /// <param name="first">Where to begin; a run never goes beyond the next multiple of 256 pages.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="run">The claim; dispose it.</param>
    /// <returns>
    /// False if the first one is not absent or lies beyond the end, if memory is short, or the container is closed.
    /// </returns>
    public bool TryClaim(Token container, PageNumber first, int count, out PageRun run)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        run = default;
        if (_resident.Find(Manager, container) is not { } memory)
        {
            return false;
        }

        RunClaim? claim = memory.TryClaimRun((long)first.Value, count);
        if (claim is null)
        {
            return false;
        }

        run = new PageRun(claim);
        return true;
    }

    /// <summary>Gives back what was not spent.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            TakeBack();
        }

        _resident.Remove(this);
    }

    /// <summary>The kernel needs what was not spent.</summary>
    /// <returns>How many credits that were.</returns>
    internal int TakeBack()
    {
        lock (_lock)
        {
            int taken = _credits;
            _credits = 0;
            _resident.Budget.Give(taken);
            return taken;
        }
    }

    internal Manager Manager { get; }

    /// <summary>The credits are spent: they go with the pages from now on.</summary>
    internal bool TrySpend(int count)
    {
        lock (_lock)
        {
            bool isEnough = count <= _credits;
            _credits -= isEnough ? count : 0;
            return isEnough;
        }
    }

    /// <summary>They were not needed after all.</summary>
    internal void Refund(int count)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                _resident.Budget.Give(count);
            }
            else
            {
                _credits += count;
            }
        }
    }
}
