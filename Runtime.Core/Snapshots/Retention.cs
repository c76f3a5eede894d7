namespace Runtime.Core.Snapshots;

/// <summary>Which versions of a container are to be kept: the newest ones, and some by age.</summary>
/// <param name="Last">The newest so many; at least 1.</param>
/// <param name="Hourly">Besides, the newest of each of the last so many hours that have one.</param>
/// <param name="Daily">Besides, the newest of each of the last so many days that have one, by UTC.</param>
public sealed record Retention(int Last, int Hourly = 0, int Daily = 0)
{
    /// <inheritdoc cref="Retention(int, int, int)" path="/param[@name='Last']"/>
    public int Last { get; } = AtLeast(1, Last, nameof(Last));

    /// <inheritdoc cref="Retention(int, int, int)" path="/param[@name='Hourly']"/>
    public int Hourly { get; } = AtLeast(0, Hourly, nameof(Hourly));

    /// <inheritdoc cref="Retention(int, int, int)" path="/param[@name='Daily']"/>
    public int Daily { get; } = AtLeast(0, Daily, nameof(Daily));

    /// <summary>The versions of a history that it does not ask for, oldest first.</summary>
    /// <param name="history">Oldest first.</param>
    public IReadOnlyList<SnapshotInfo> Superseded(IReadOnlyList<SnapshotInfo> history)
    {
        ArgumentNullException.ThrowIfNull(history);
        var kept = new HashSet<SnapshotInfo>(history.TakeLast(Last));
        kept.UnionWith(NewestOfEach(history, TimeSpan.TicksPerHour, Hourly));
        kept.UnionWith(NewestOfEach(history, TimeSpan.TicksPerDay, Daily));
        return [.. history.Where(version => !kept.Contains(version))];
    }

    private static IEnumerable<SnapshotInfo> NewestOfEach(
        IReadOnlyList<SnapshotInfo> history, long ticks, int periods) => history
            .GroupBy(version => version.Time.UtcTicks / ticks)
            .OrderByDescending(period => period.Key)
            .Take(periods)
            .Select(period => period.Last());

    private static int AtLeast(int least, int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }
}
