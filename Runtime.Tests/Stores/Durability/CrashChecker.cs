using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Opens a volume where power went, and holds it against what it had promised.</summary>
internal static class CrashChecker
{
    /// <summary>Checks an image, which it changes.</summary>
    /// <param name="image">Where power went.</param>
    /// <param name="promise">What was promised then.</param>
    /// <param name="writes">Whether it is also written afterwards.</param>
    /// <param name="found">What the volume holds, if that is as it should be.</param>
    /// <returns>What is wrong; null for nothing.</returns>
    public static string? Check(IDisk image, CrashPromise promise, bool writes, out VolumeModel? found)
    {
        found = null;
        try
        {
            using Volume volume = Volume.Open(image, new VolumeOptions { Create = promise.MayBeAbsent });
            if (promise.Reported.DifferenceTo(volume) is not { } difference)
            {
                found = promise.Reported;
            }
            else if (promise.Attempted.DifferenceTo(volume) is null)
            {
                found = promise.Attempted;
            }
            else
            {
                return $"it holds neither what was reported nor what was attempted: {difference}";
            }

            if (volume.Verify() is { IsSound: false } report)
            {
                return report.Damages[0].Message;
            }

            return writes ? Write(volume, found) : null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    /// <summary>Nothing that the newest commit needs is taken for free.</summary>
    private static string? Write(Volume volume, VolumeModel model)
    {
        var driver = new VolumeDriver(volume, model);
        driver.Create("after", 1 << 20);
        driver.Commit("after", new() { [1] = 1, [2] = 2 });
        driver.Commit("after", new() { [1] = 3 });
        return driver.Reported.DifferenceTo(volume)
            ?? (volume.Verify() is { IsSound: false } report ? $"when written: {report.Damages[0].Message}" : null);
    }
}
