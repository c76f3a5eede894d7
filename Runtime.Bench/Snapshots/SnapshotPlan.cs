using System.Globalization;

namespace Runtime.Bench.Snapshots;

/// <summary>How large a container is, and how much of it is dirty when it is cut.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="IsFull">Whether the pages that are not dirty are in memory, too; otherwise none is.</param>
/// <param name="Dirty">Pages, anywhere in it: one series for each number.</param>
internal sealed record SnapshotPlan(long Length, bool IsFull, IReadOnlyList<int> Dirty)
{
    /// <summary>What the goals are about.</summary>
    internal const string Judged = "512 MiB, 1,311 pages dirty";

    private const long Small = 64L << 20;
    private const long Usual = 512L << 20;
    private const long Huge = 1L << 40;

    /// <summary>One tenth, one and ten per cent of the usual size; the same one per cent in other sizes.</summary>
    internal static IReadOnlyList<SnapshotPlan> All { get; } =
    [
        new(Usual, IsFull: true, [131, 1311, 13107]),
        new(Small, IsFull: true, [1311]),
        new(Huge, IsFull: false, [1311]),
    ];

    internal string Workload(int dirty) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Length >= 1L << 40 ? $"{Length >> 40} TiB" : $"{Length >> 20} MiB")}, {dirty:N0} pages dirty");
}
