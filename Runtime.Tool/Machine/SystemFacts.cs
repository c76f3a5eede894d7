using System.Globalization;
using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>What the process runs on.</summary>
internal static class SystemFacts
{
    internal static IReadOnlyList<Finding> Collect() =>
    [
        new("operating system", RuntimeInformation.OSDescription, $"kernel {Environment.OSVersion.Version}"),
        OperatingSystem.IsWindows()
            ? new("Wine", WineVersion.Read() ?? "no", null)
            : new("C library", $"glibc {GlibcVersion.Read()}", GlibcVersion.Remark(GlibcVersion.Read())),
        new("runtime", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"),
        new("processors", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        new("memory for .NET", Format.Scaled(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)),
        PageSize(),
    ];

    private static Finding PageSize() => new(
        "page size",
        Format.Count(Environment.SystemPageSize, "byte"),
        Environment.SystemPageSize == PageNumber.Size ? null : $"Katydid needs {Format.Count(PageNumber.Size)}");
}
