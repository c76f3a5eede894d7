namespace Runtime.Core.Memory;

/// <summary>How many pages a kernel may keep in memory, and how many it keeps: a count of credits.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class MemoryBudget(long pages)
{
    private readonly Progress _returns = new();
    private long _used;

    internal long Limit => pages;

    internal long Used => Interlocked.Read(ref _used);

    /// <summary>Takes credits if so many are left.</summary>
    internal bool TryTake(long count)
    {
        if (Interlocked.Add(ref _used, count) <= pages)
        {
            return true;
        }

        Give(count);
        return false;
    }

    /// <summary>Takes credits that may not be there: for what must not wait, and is soon given back.</summary>
    internal void Overdraw(long count) => Interlocked.Add(ref _used, count);

    internal void Give(long count)
    {
        Interlocked.Add(ref _used, -count);
        _returns.Signal();
    }

    /// <summary>Waits until credits were given back, or a little.</summary>
    /// <returns>False if the deadline has passed.</returns>
    internal bool WaitForReturn(long deadlineMs) => _returns.Wait(deadlineMs);
}
