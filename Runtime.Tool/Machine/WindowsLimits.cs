using System.Runtime.InteropServices;
using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>What Windows grants this process.</summary>
internal static class WindowsLimits
{
    internal static IReadOnlyList<Finding> Collect() =>
    [
        HasPlaceholders()
            ? new("placeholders", "present")
            : new("placeholders", "absent", "absent chunks are kept by reservations that are split at first touch"),
        new("memory in use", Format.Scaled(Environment.WorkingSet)),
        WineVersion.Read() is null
            ? new("mappings", "no known limit")
            : new("mappings", "about 65,530", "Wine maps sections as Linux does, and its limit applies"),
    ];

    /// <summary>Windows 10 1803 and later reserve addresses in which sections can be placed; Wine 8 does not.</summary>
    private static bool HasPlaceholders() =>
        NativeLibrary.TryLoad("kernelbase", out nint kernelBase)
        && NativeLibrary.TryGetExport(kernelBase, "MapViewOfFile3", out _);
}
