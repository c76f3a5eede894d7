using System.Globalization;

namespace Runtime.Bench.Reports;

/// <summary>How two series compare.</summary>
/// <remarks>
/// Runs alternate, so the k-th runs of both sides were taken within seconds of each other; each pair is compared first
/// and the median taken then, because a busy neighbour slows both runs of a pair.
/// </remarks>
internal sealed record Ratio(double Median, double Least, double Most)
{
    internal static Ratio? Of(Series? over, Series? under, Func<Sample, double> figure)
    {
        if (over is null || under is null)
        {
            return null;
        }

        double[] pairs = [.. over.Runs.Zip(under.Runs, (above, below) => figure(above) / figure(below))];
        return new Ratio(Statistics.Median(pairs), pairs.Min(), pairs.Max());
    }

    /// <inheritdoc/>
    public override string ToString() => Least == Most
        ? Median.ToString("F2", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Median:F2} ({Least:F2} to {Most:F2})");
}
