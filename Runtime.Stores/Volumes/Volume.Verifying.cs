using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;

namespace Runtime.Stores.Volumes;

/// <content>Verifying.</content>
public sealed partial class Volume
{
    /// <summary>
    /// Reads every block that the newest commit needs, and the kernel's log, and checks it; commits may go on
    /// beside it.
    /// </summary>
    /// <remarks>
    /// Memory grows with the blocks in use, one bit each. A container deleted meanwhile may be reported as damage.
    /// </remarks>
    public VolumeReport Verify(
        IProgress<VolumeProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using BlockStore.ReadPin pin = _store.Pin();
        VolumeReport report = _store.Verify(progress, cancellationToken);
        return _log.Verify() is { } damage ? report.With(damage) : report;
    }

    /// <summary>
    /// Writes damaged copies of superblocks again, from their other copies; nothing else of a volume can be mended.
    /// </summary>
    /// <param name="directory">Of the volume, which nobody may have open for writing.</param>
    /// <returns>What was damaged, and what was done about it; empty if all copies are whole.</returns>
    /// <exception cref="KernelException"><see cref="Status.Busy"/> if another process has it open.</exception>
    /// <exception cref="VolumeException">No copy of a superblock is whole, or writing failed.</exception>
    public static IReadOnlyList<VolumeDamage> Repair(string directory)
    {
        using var home = VolumeDirectory.Open(directory, new VolumeOptions(), SystemFiles.Instance);
        using IDisk disk = home.OpenData();
        return SuperblockSlots.Repair(disk);
    }
}
