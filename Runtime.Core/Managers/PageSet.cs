using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>
/// The memory that a kernel lends to a manager: from it pages are brought in before they are asked for.
/// </summary>
/// <remarks>Thread safe. Made by the kernel with the manager (<see cref="Manager.Pages"/>).</remarks>
public sealed class PageSet
{
    private readonly ResidentMemory _resident;
    private readonly Manager _manager;

    internal PageSet(ResidentMemory resident, Manager manager)
    {
        _resident = resident;
        _manager = manager;
    }

    /// <summary>How many pages the kernel may keep in memory, for all managers together.</summary>
    public long Limit => _resident.Budget.Limit;

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
        if (_resident.Find(_manager, container) is not { } memory)
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
}
