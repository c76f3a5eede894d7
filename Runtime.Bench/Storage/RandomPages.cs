namespace Runtime.Bench.Storage;

/// <summary>Different pages in random order, the same ones for every side.</summary>
internal static class RandomPages
{
    internal static long[] Of(long pages, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, pages);
        var random = new Random(seed);
        var chosen = new HashSet<long>(count);
        while (chosen.Count < count)
        {
            chosen.Add(random.NextInt64(pages));
        }

        return [.. chosen];
    }
}
