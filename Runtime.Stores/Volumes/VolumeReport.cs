using Runtime.Core.Disks;
using Runtime.Stores.Logs;

namespace Runtime.Stores.Volumes;

/// <summary>The outcome of <see cref="Volume.Verify"/>.</summary>
/// <param name="Blocks">How many blocks were read: superblocks, records, nodes and pages, each once.</param>
/// <param name="Pages">How many of them were pages.</param>
/// <param name="DamageCount">How many of them are damaged; what only a damaged one led to was not reached.</param>
/// <param name="Damages">The first 1,000.</param>
public sealed record VolumeReport(long Blocks, long Pages, long DamageCount, IReadOnlyList<VolumeDamage> Damages)
{
    /// <summary>Whether nothing is damaged.</summary>
    public bool IsSound => DamageCount == 0;

    internal VolumeReport With(LogDamage damage) => this with
    {
        DamageCount = DamageCount + 1,
        Damages =
        [
            .. Damages,
            new VolumeDamage(
                new BlockNumber(damage.Block), Container: null, Interval: null, Page: null, damage.Message),
        ],
    };
}
