namespace Runtime.Core.Memory;

/// <summary>Wakes those who can go on when something in the background has come on.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class Progress
{
    // What comes on between a look at the cause and the wait is missed; so the wait is short and the cause looked at
    // again.
    private const int LongestWaitMs = 20;

    private readonly object _lock = new();
    private int _waiting;

    internal void Signal()
    {
        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_lock)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>Waits for the next signal, or a little.</summary>
    /// <returns>False if the deadline has passed.</returns>
    internal bool Wait(long deadlineMs)
    {
        long left = deadlineMs - Environment.TickCount64;
        if (left <= 0)
        {
            return false;
        }

        lock (_lock)
        {
            _waiting++;
            Monitor.Wait(_lock, (int)Math.Min(left, LongestWaitMs));
            _waiting--;
        }

        return true;
    }
}
