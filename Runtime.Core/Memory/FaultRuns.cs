namespace Runtime.Core.Memory;

/// <summary>Recognizes those who go through a container in order, a few at once, by their faults.</summary>
/// <remarks>
/// Threads may use it at once, without a lock: what they spoil for each other is a suggestion. Allocates nothing.
/// </remarks>
internal sealed class FaultRuns
{
    private const int Runs = 4;

    private readonly long[] _last = new long[Runs];                 // the page of a run's last fault plus 1, or 0
    private readonly int[] _count = new int[Runs];                  // what was suggested then
    private readonly int[] _usedAt = new int[Runs];
    private int _now;

    /// <summary>How many pages to bring in at a fault: twice as many as last time, for who comes from there.</summary>
    /// <param name="page">Where.</param>
    /// <param name="least">What is wanted in any case.</param>
    /// <param name="most">What may be suggested.</param>
    internal int Suggest(long page, int least, int most)
    {
        int oldest = 0;
        for (int i = 0; i < Runs; i++)
        {
            oldest = _now - _usedAt[i] > _now - _usedAt[oldest] ? i : oldest;
            long ahead = page + 1 - _last[i];
            if (_last[i] > 0 && ahead > 0 && ahead <= _count[i])
            {
                return Note(i, page, Math.Clamp(2 * _count[i], least, most));
            }
        }

        return Note(oldest, page, least);
    }

    private int Note(int run, long page, int count)
    {
        (_last[run], _count[run], _usedAt[run]) = (page + 1, count, ++_now);
        return count;
    }
}
