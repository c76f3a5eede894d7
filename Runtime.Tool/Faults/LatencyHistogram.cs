using System.Numerics;

namespace Runtime.Tool.Faults;

/// <summary>How many samples took from <paramref name="FromNs"/> to below <paramref name="ToNs"/>.</summary>
internal sealed record LatencyBucket(long FromNs, long ToNs, int Count);

/// <summary>Latencies sorted into buckets that double in width.</summary>
internal sealed class LatencyHistogram
{
    private readonly long[] _ascending;

    internal LatencyHistogram(ReadOnlySpan<long> nanoseconds)
    {
        if (nanoseconds.IsEmpty)
        {
            throw new ArgumentException("No samples.", nameof(nanoseconds));
        }

        _ascending = nanoseconds.ToArray();
        Array.Sort(_ascending);
    }

    internal long MinimumNs => _ascending[0];

    internal long MedianNs => Percentile(50);

    internal long MaximumNs => _ascending[^1];

    /// <summary>The smallest sample that at least this share of all samples does not exceed.</summary>
    internal long Percentile(int percent) =>
        _ascending[Math.Max(0, (int)(((long)_ascending.Length * percent + 99) / 100) - 1)];

    /// <summary>From the first bucket that holds a sample to the last, empty ones between them included.</summary>
    internal LatencyBucket[] Buckets()
    {
        int first = BucketOf(MinimumNs);
        int[] counts = new int[BucketOf(MaximumNs) - first + 1];
        foreach (long sample in _ascending)
        {
            counts[BucketOf(sample) - first]++;
        }

        return [.. counts.Select((count, i) => new LatencyBucket(1L << (first + i), 2L << (first + i), count))];
    }

    // A clock may be too coarse to see a sample at all; 0 counts as 1.
    private static int BucketOf(long nanoseconds) => BitOperations.Log2((ulong)Math.Max(1, nanoseconds));
}
