using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>The place where the volume is, or would be.</summary>
internal static class VolumeFacts
{
    internal static IReadOnlyList<Finding> Collect(string volume)
    {
        string full = Path.GetFullPath(volume);
        return [new("volume", full, VolumeSession.Exists(volume) ? "present" : "absent; 'katydid import' creates it"), .. FileSystem(full)];
    }

    private static IEnumerable<Finding> FileSystem(string volume)
    {
        string existing = volume;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        Finding finding;
        try
        {
            var drive = new DriveInfo(existing);
            finding = new("file system", drive.DriveFormat, $"{Format.Scaled(drive.AvailableFreeSpace)} free");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            finding = new("file system", "unknown", exception.Message);
        }

        yield return finding;
    }
}
