namespace Runtime.Core.Memory;

/// <summary>
/// Lets one thread at a time reclaim memory, unless nothing has come of it for longer than a limit: then the next one
/// passes by.
/// </summary>
/// <remarks>Thread safe.</remarks>
internal sealed class ReclaimTurn(int limitMs)
{
    private readonly object _lock = new();                          // guards _number and _isTaken
    private long _number;
    private bool _isTaken;
    private long _progressMs;                                       // changed by Interlocked

    /// <summary>Waits for a turn.</summary>
    /// <returns>Its number, for <see cref="Exit"/>; 0 if the deadline has passed.</returns>
    internal long Enter(long deadlineMs)
    {
        lock (_lock)
        {
            while (_isTaken)
            {
                long now = Environment.TickCount64;
                long overdue = Interlocked.Read(ref _progressMs) + limitMs - now;
                if (deadlineMs <= now)
                {
                    return 0;
                }

                if (overdue <= 0)
                {
                    break;
                }

                Monitor.Wait(_lock, (int)Math.Min(Math.Min(deadlineMs - now, overdue), int.MaxValue));
            }

            _isTaken = true;
            NoteProgress();
            return ++_number;
        }
    }

    /// <summary>Something was freed, or something else is tried.</summary>
    internal void NoteProgress() => Interlocked.Exchange(ref _progressMs, Environment.TickCount64);

    /// <summary>Ends a turn, unless somebody passed by meanwhile, whose it is now.</summary>
    internal void Exit(long number)
    {
        lock (_lock)
        {
            if (_number == number)
            {
                _isTaken = false;
                Monitor.PulseAll(_lock);
            }
        }
    }
}
