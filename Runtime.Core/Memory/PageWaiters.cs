namespace Runtime.Core.Memory;

/// <summary>Where those sleep who found a page claimed by somebody else.</summary>
/// <remarks>Thread safe. A few rows for all pages: a wake-up meant for another page costs one more look.</remarks>
internal sealed class PageWaiters
{
    private const int Rows = 64;

    private readonly object[] _rows = [.. Enumerable.Range(0, Rows).Select(_ => new object())];

    /// <summary>Sleeps until the claim seen in <paramref name="seen"/> may have ended, or the time is over.</summary>
    internal void Wait(PageTable table, long page, PageEntry seen, int timeoutMs)
    {
        object row = RowOf(page);
        lock (row)
        {
            if (seen.IsWaitedFor ? table[page] == seen : table.TryMove(page, seen, seen.WaitFor()))
            {
                Monitor.Wait(row, timeoutMs);
            }
        }
    }

    /// <summary>Called after a move that ended a claim somebody waited for.</summary>
    internal void Wake(long page)
    {
        object row = RowOf(page);
        lock (row)
        {
            Monitor.PulseAll(row);
        }
    }

    private object RowOf(long page) => _rows[page % Rows];
}
