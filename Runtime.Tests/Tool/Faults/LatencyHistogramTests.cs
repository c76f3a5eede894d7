using NUnit.Framework;
using Runtime.Tool.Faults;

namespace Runtime.Tests.Tool.Faults;

public class LatencyHistogramTests
{
    [Test]
    public void Buckets_double_and_have_no_gaps()
    {
        var histogram = new LatencyHistogram([1024, 1023, 4096, 2047, 512]);
        Assert.That(
            histogram.Buckets(),
            Is.EqualTo(
            [
                new LatencyBucket(512, 1024, 2),
                new LatencyBucket(1024, 2048, 2),
                new LatencyBucket(2048, 4096, 0),
                new LatencyBucket(4096, 8192, 1),
            ]));
    }

    [Test]
    public void A_sample_too_short_for_the_clock_is_in_the_first_bucket() =>
        Assert.That(new LatencyHistogram([0]).Buckets(), Is.EqualTo([new LatencyBucket(1, 2, 1)]));

    [TestCase(1, 1)]
    [TestCase(50, 50)]
    [TestCase(99, 99)]
    [TestCase(100, 100)]
    public void A_percentile_is_a_sample_that_so_many_do_not_exceed(int percent, long expected)
    {
        long[] samples = [.. Enumerable.Range(1, 100).Reverse().Select(value => (long)value)];
        Assert.That(new LatencyHistogram(samples).Percentile(percent), Is.EqualTo(expected));
    }

    [Test]
    public void One_sample_is_everything()
    {
        var histogram = new LatencyHistogram([7]);
        Assert.That(
            (histogram.MinimumNs, histogram.MedianNs, histogram.Percentile(99), histogram.MaximumNs),
            Is.EqualTo((7L, 7L, 7L, 7L)));
    }

    [Test]
    public void No_samples_are_no_histogram() => Assert.Throws<ArgumentException>(() => _ = new LatencyHistogram([]));
}
