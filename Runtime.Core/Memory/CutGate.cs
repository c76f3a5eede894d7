namespace Runtime.Core.Memory;

/// <summary>
/// Keeps writers and cuts apart: a closed gate lets no write grant pass, and closes only when no write lease is out.
/// </summary>
/// <remarks>Thread safe.</remarks>
internal sealed class CutGate
{
    private readonly object _lock = new();                          // guards the fields below
    private volatile bool _isCutting;
    private int _writeLeases;

    /// <summary>
    /// Whether write grants must wait. Read after noting the write (see <see cref="PageTable.NoteWrite"/>).
    /// </summary>
    internal bool IsCutting => _isCutting;

    /// <summary>
    /// Counts a write lease in; waits while a cut is made, unless the caller holds one, for which the cut waits.
    /// </summary>
    internal bool TryEnterLease(bool holdsAnother, long deadlineMs)
    {
        lock (_lock)
        {
            while (_isCutting && !holdsAnother)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    return false;
                }
            }

            _writeLeases++;
            return true;
        }
    }

    internal void LeaveLease()
    {
        lock (_lock)
        {
            _writeLeases--;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Closes the gate and waits for the write leases that are out.</summary>
    /// <returns>False if they outlast the limit; the gate is open again then.</returns>
    internal bool TryBeginCut(long deadlineMs)
    {
        lock (_lock)
        {
            while (_isCutting)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    return false;
                }
            }

            // New leases queue from here on, so that a stream of short ones cannot keep the cut waiting for ever.
            _isCutting = true;
            while (_writeLeases > 0)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    EndCut();
                    return false;
                }
            }

            return true;
        }
    }

    internal void EndCut()
    {
        lock (_lock)
        {
            _isCutting = false;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits until no cut is being made; false if the deadline passes first.</summary>
    internal bool WaitForCut(long deadlineMs)
    {
        lock (_lock)
        {
            while (_isCutting)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private bool WaitUnsynchronized(long deadlineMs)
    {
        long left = deadlineMs - Environment.TickCount64;
        return left > 0
            && (Monitor.Wait(_lock, (int)Math.Min(left, int.MaxValue)) || Environment.TickCount64 < deadlineMs);
    }
}
