namespace Runtime.Core.Memory;

/// <summary>Counts who is inside, and lets nobody in after closing: memory is freed only when nobody uses it.</summary>
/// <remarks>Thread safe, one interlocked operation each way.</remarks>
internal sealed class InFlight
{
    private const long Closed = 1L << 62;

    private long _count;                                            // of those inside, plus Closed once it is

    internal bool IsClosed => (Volatile.Read(ref _count) & Closed) != 0;

    internal bool TryEnter()
    {
        if ((Interlocked.Increment(ref _count) & Closed) == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    internal void Leave() => Interlocked.Decrement(ref _count);

    /// <summary>False if it was closed before.</summary>
    internal bool TryClose() => (Interlocked.Or(ref _count, Closed) & Closed) == 0;

    internal void Reopen() => Interlocked.And(ref _count, ~Closed);

    internal bool WaitUntilEmpty(int timeoutMs)
    {
        var wait = new SpinWait();
        long until = Environment.TickCount64 + timeoutMs;
        while (Volatile.Read(ref _count) != Closed)
        {
            if (Environment.TickCount64 > until)
            {
                return false;
            }

            wait.SpinOnce();
        }

        return true;
    }
}
