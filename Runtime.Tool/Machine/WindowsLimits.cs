using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>What Windows grants this process.</summary>
internal static class WindowsLimits
{
    internal static IReadOnlyList<Finding> Collect() =>
    [
        new("memory in use", Format.Scaled(Environment.WorkingSet)),
        WineVersion.Read() is null
            ? new("mappings", "no known limit")
            : new("mappings", "about 65,530", "Wine maps sections as Linux does, and its limit applies"),
    ];
}
