using Runtime.Stores.Volumes;
using Runtime.Tool.Output;

namespace Runtime.Tool;

/// <summary>A damaged block, and what needs it: the oldest such version, and the page if it is one.</summary>
internal sealed record DamagedBlock(long Block, string? Container, ulong? Interval, ulong? Page, string Problem);

/// <summary>What was mended and read of a volume, and the first damages if there are very many.</summary>
internal sealed record VerifyReport(
    string[] Repairs, long Blocks, long Pages, long DamageCount, DamagedBlock[] Damaged);

/// <summary>Reads everything that a volume holds, without a kernel.</summary>
internal static class VolumeCheck
{
    internal static async Task<VerifyReport> RunAsync(
        ToolConsole console, string directory, string[] repairs, CancellationToken cancellationToken)
    {
        using Volume volume = VolumeSession.OpenToRead(directory);
        VolumeReport found = await console.WithFractionAsync("verify", VerifyAsync);
        return new VerifyReport(
            repairs, found.Blocks, found.Pages, found.DamageCount, [.. found.Damages.Select(Describe)]);

        Task<VolumeReport> VerifyAsync(IProgress<double> fraction)
        {
            var progress = new ProgressReceiver<VolumeProgress>(
                done => fraction.Report((double)done.Blocks / done.Total));
            return Task.Run(() => volume.Verify(progress, cancellationToken), cancellationToken);
        }
    }

    internal static string[] Repair(string directory)
    {
        VolumeSession.RequireExisting(directory);
        return [.. Volume.Repair(directory).Select(repaired => repaired.Message)];
    }

    private static DamagedBlock Describe(VolumeDamage damage) => new(
        damage.Block.Value, damage.Container, damage.Interval?.Value, damage.Page?.Value, damage.Message);
}
