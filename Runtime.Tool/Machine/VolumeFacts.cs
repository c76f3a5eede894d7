using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>The place where the volume is, or would be.</summary>
internal static class VolumeFacts
{
    internal static IReadOnlyList<Finding> Collect(string volume)
    {
        string full = Path.GetFullPath(volume);
        string remark = VolumeSession.Exists(volume) ? "present" : "absent; 'katydid import' creates it";
        return [new("volume", full, remark), FileSystem(full)];
    }

    private static Finding FileSystem(string volume)
    {
        string existing = volume;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        try
        {
            var drive = new DriveInfo(existing);
            return new("file system", drive.DriveFormat, $"{Format.Scaled(drive.AvailableFreeSpace)} free");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new("file system", "unknown", exception.Message);
        }
    }
}
