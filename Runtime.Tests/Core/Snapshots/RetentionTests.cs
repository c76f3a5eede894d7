using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Snapshots;

namespace Runtime.Tests.Core.Snapshots;

public class RetentionTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>One version every twenty minutes for ten days, numbered from 1.</summary>
    private static List<SnapshotInfo> History => [.. Enumerable.Range(1, 720).Select(i =>
        new SnapshotInfo(new StateInterval((ulong)i), s_noon + TimeSpan.FromMinutes(20 * i), 0, 0))];

    [Test]
    public void The_newest_are_kept() =>
        Assert.That(Kept(new Retention(Last: 3)), Is.EqualTo([718, 719, 720]));

    [Test]
    public void Of_each_hour_the_newest_is_kept() =>
        Assert.That(Kept(new Retention(Last: 1, Hourly: 3)), Is.EqualTo([716, 719, 720]));

    [Test]
    public void Of_each_day_the_newest_is_kept() =>
        Assert.That(Kept(new Retention(Last: 2, Daily: 3)), Is.EqualTo([611, 683, 719, 720]));

    [Test]
    public void A_short_history_is_kept_whole() =>
        Assert.That(new Retention(Last: 1000).Superseded(History), Is.Empty);

    [Test]
    public void The_last_one_is_always_kept()
    {
        Assert.That(() => new Retention(Last: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Retention(Last: 1, Hourly: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static IEnumerable<int> Kept(Retention retention)
    {
        List<SnapshotInfo> history = History;
        IReadOnlyList<SnapshotInfo> superseded = retention.Superseded(history);
        return history.Except(superseded).Select(version => (int)version.Interval.Value);
    }
}
