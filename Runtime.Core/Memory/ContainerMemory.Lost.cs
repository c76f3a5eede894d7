namespace Runtime.Core.Memory;

/// <summary>
/// Pages of the open interval that only a manager had which failed and did not give them back.
/// </summary>
/// <remarks>
/// What its next manager has of them is older, so they are not asked for, and no cut is made, until it installs them of
/// its own accord (<c>LcdInstall</c>) or the container goes back to a version.
/// </remarks>
internal sealed partial class ContainerMemory
{
    private readonly SortedSet<long> _lost = [];                    // guarded by itself
    private volatile bool _hasLost;

    /// <exception cref="KernelException"><see cref="Status.Lost"/>, with the first of the pages.</exception>
    internal void ThrowIfLost()
    {
        lock (_lost)
        {
            if (_lost.Count > 0)
            {
                throw new KernelException(
                    Status.Lost,
                    $"container '{Name}': {_lost.Count} pages of the open interval, first page {_lost.Min}, were lost "
                        + "with a manager that failed; go back to a version");
            }
        }
    }

    private bool IsLost(long page)
    {
        if (!_hasLost)
        {
            return false;
        }

        lock (_lost)
        {
            return _lost.Contains(page);
        }
    }

    private void Lose(long page)
    {
        lock (_lost)
        {
            _lost.Add(page);
            _hasLost = true;
        }
    }

    /// <summary>They are there again, and their manager has them for the next cut as the one before had.</summary>
    private void NoteFound(long first, int count)
    {
        if (!_hasLost)
        {
            return;
        }

        lock (_lost)
        {
            _lost.ExceptWith(_lost.GetViewBetween(first, first + count - 1).ToArray());
            _hasLost = _lost.Count > 0;
        }
    }

    private void ForgetLost()
    {
        lock (_lost)
        {
            _lost.Clear();
            _hasLost = false;
        }
    }
}
