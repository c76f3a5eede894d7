namespace Runtime.Core.Memory;

/// <summary>
/// A thread that asks managers for pages on behalf of faults that are not theirs, and so must not wait for them longer
/// than a limit.
/// </summary>
/// <remarks>Thread safe. One that a manager keeps is left to it, and another takes its place.</remarks>
internal sealed class Asker : IDisposable
{
    private readonly object _lock = new();                          // guards the fields below; also waited on
    private readonly Victims _victims;
    private ClockHand? _hand;                                       // to be asked, until it has answered
    private long _pages;
    private long _freed;
    private bool _isLeft;

    internal Asker(Victims victims)
    {
        _victims = victims;
        new Thread(Run) { IsBackground = true, Name = "katydid asker" }.Start();
    }

    /// <summary>Asks a manager, and waits for it for at most the limit since it gave something last.</summary>
    /// <returns>False if it has not answered by then: this one is left to it.</returns>
    internal bool TryAsk(ClockHand hand, long pages, int limitMs, long deadlineMs, out long freed)
    {
        lock (_lock)
        {
            hand.NoteAnswer();
            (_hand, _pages, freed) = (hand, pages, 0);
            Monitor.PulseAll(_lock);
            while (_hand is not null)
            {
                long now = Environment.TickCount64;
                long left = Math.Min(hand.AnsweredMs + limitMs, deadlineMs) - now;
                if (left <= 0)
                {
                    _isLeft = true;
                    return false;
                }

                Monitor.Wait(_lock, (int)Math.Min(left, limitMs));
            }

            freed = _freed;
            return true;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isLeft = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void Run()
    {
        ResidentMemory.BeginReclaiming();                           // for good
        while (TryGetWork(out ClockHand? hand, out long pages))
        {
            long freed = hand!.Ask(_victims, pages);
            lock (_lock)
            {
                (_hand, _freed) = (null, freed);
                Monitor.PulseAll(_lock);
            }
        }
    }

    private bool TryGetWork(out ClockHand? hand, out long pages)
    {
        lock (_lock)
        {
            while (_hand is null && !_isLeft)
            {
                Monitor.Wait(_lock);
            }

            (hand, pages) = (_hand, _pages);
            return hand is not null && !_isLeft;
        }
    }
}
