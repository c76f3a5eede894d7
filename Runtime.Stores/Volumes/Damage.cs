using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Words for what is wrong with a volume; every one names the block.</summary>
internal static class Damage
{
    private const int Corrupt = unchecked((int)0x8007_0570); // ERROR_FILE_CORRUPT, on every system

    public static VolumeException At(long block, string what) =>
        new(Status.IoError, $"block {new BlockNumber(block)} of the volume is damaged: {what}") { HResult = Corrupt };

    /// <summary>
    /// Whether the bytes were read and are wrong, so that reading them again is no use; otherwise the medium failed.
    /// </summary>
    public static bool IsReasonOf(VolumeException exception) => exception.HResult == Corrupt;

    public static VolumeException Checksum(in BlockPointer pointer, uint found) =>
        At(pointer.Block, $"its checksum is {found:x8}, its pointer says {pointer.Checksum:x8}");

    public static VolumeException Pointer(in BlockPointer pointer, long holder) =>
        At(holder, $"it points to {pointer}, which cannot be");
}
