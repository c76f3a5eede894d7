namespace Runtime.Core.Memory;

/// <summary>
/// Keeps writers and cuts apart: a closed gate lets no write grant pass, and a cut is made when no write lease is out.
/// </summary>
/// <remarks>
/// Thread safe. While a cut still waits for leases, one that is asked for by whoever holds another may begin: the cut
/// may be waiting for just that holder. Once all leases have ended none begins until the cut is made, which waits for
/// nobody any more.
/// </remarks>
internal sealed class CutGate
{
    private readonly object _lock = new();                          // guards the fields below
    private volatile State _state;
    private int _writeLeases;

    private enum State
    {
        Open,
        Draining,
        Closed,
    }

    /// <summary>
    /// Whether write grants must wait. Read after noting the write (see <see cref="PageTable.NoteWrite"/>).
    /// </summary>
    internal bool IsCutting => _state != State.Open;

    /// <summary>Closes gates for one cut and waits for the write leases behind all of them.</summary>
    /// <returns>Null, or the gate whose leases outlast the limit; all are open again then.</returns>
    internal static CutGate? TryClose(IReadOnlyList<CutGate> gates, long deadlineMs)
    {
        for (int i = 0; i < gates.Count; i++)
        {
            if (!gates[i].TryBeginDrain(deadlineMs))
            {
                Open(gates.Take(i));
                return gates[i];
            }
        }

        // A holder of one lease may have begun another behind a gate that was empty already: look at all of them again.
        while (!TryCloseEmpty(gates, next: 0))
        {
            foreach (CutGate gate in gates)
            {
                if (!gate.WaitUntilEmpty(deadlineMs))
                {
                    Open(gates);
                    return gate;
                }
            }
        }

        return null;
    }

    internal static void Open(IEnumerable<CutGate> gates)
    {
        foreach (CutGate gate in gates)
        {
            lock (gate._lock)
            {
                gate._state = State.Open;
                Monitor.PulseAll(gate._lock);
            }
        }
    }

    /// <summary>Counts a write lease in; waits while a cut is made.</summary>
    /// <returns>False if the deadline passes first.</returns>
    internal bool TryEnterLease(bool holdsAnother, long deadlineMs)
    {
        lock (_lock)
        {
            while (_state == State.Closed || (_state == State.Draining && !holdsAnother))
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

    /// <summary>Waits until no cut is being made; false if the deadline passes first.</summary>
    internal bool WaitForCut(long deadlineMs)
    {
        lock (_lock)
        {
            while (_state != State.Open)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>New leases queue from here on, so that a stream of short ones cannot keep the cut waiting.</summary>
    private bool TryBeginDrain(long deadlineMs)
    {
        lock (_lock)
        {
            while (_state != State.Open)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    return false;
                }
            }

            _state = State.Draining;
            return true;
        }
    }

    private bool WaitUntilEmpty(long deadlineMs)
    {
        lock (_lock)
        {
            while (_writeLeases > 0)
            {
                if (!WaitUnsynchronized(deadlineMs))
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Closes all of them at one instant, unless a lease is out: under all their locks.</summary>
    private static bool TryCloseEmpty(IReadOnlyList<CutGate> gates, int next)
    {
        if (next == gates.Count)
        {
            foreach (CutGate gate in gates)
            {
                gate._state = State.Closed;
            }

            return true;
        }

        lock (gates[next]._lock)
        {
            return gates[next]._writeLeases == 0 && TryCloseEmpty(gates, next + 1);
        }
    }

    private bool WaitUnsynchronized(long deadlineMs)
    {
        long left = deadlineMs - Environment.TickCount64;
        return left > 0
            && (Monitor.Wait(_lock, (int)Math.Min(left, int.MaxValue)) || Environment.TickCount64 < deadlineMs);
    }
}
