namespace Runtime.Bench.Reports;

/// <summary>All samples of a run of scripts/bench.sh, in the order in which they were taken.</summary>
internal sealed class Results(IEnumerable<Sample> samples)
{
    private readonly Sample[] _samples = [.. samples];

    /// <summary>
    /// The samples that agree in all but their figures, one series for each combination, in order of appearance.
    /// </summary>
    internal IReadOnlyList<Series> Where(Func<Sample, bool> condition) =>
        [.. _samples.Where(condition).GroupBy(Subject).Select(group => new Series(group.Key, [.. group]))];

    /// <summary>The one series with this subject, or null if it was not measured.</summary>
    internal Series? Find(Sample subject) => Where(sample => Subject(sample) == Subject(subject)).SingleOrDefault();

    private static Sample Subject(Sample sample) =>
        sample with { Count = 0, Ns = 0, MeanNs = 0, AllocatedBytes = null, Bytes = null, Hits = null };
}

/// <summary>What was measured of one subject, run after run.</summary>
internal sealed record Series(Sample Subject, IReadOnlyList<Sample> Runs)
{
    internal double Ns => Statistics.Median(Runs.Select(run => run.Ns));

    internal double MeanNs => Statistics.Median(Runs.Select(run => run.MeanNs));

    internal long? Bytes => Runs.Max(run => run.Bytes);

    internal long? AllocatedBytes => Runs.Max(run => run.AllocatedBytes);

    /// <summary>Who did it, as the tables say it.</summary>
    internal string Who =>
        string.Join(", ", new[] { Subject.Side, Subject.Way, Subject.Engine }.Where(part => part is not null));
}
