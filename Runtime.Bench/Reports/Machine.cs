using System.Globalization;
using System.Runtime.InteropServices;

namespace Runtime.Bench.Reports;

/// <summary>Where a run took place, for whoever wants to repeat it.</summary>
internal static class Machine
{
    internal static IEnumerable<(string Name, string Value)> Facts =>
    [
        ("processor", $"{Processor}, {Environment.ProcessorCount} cores"),
        ("system", $"{RuntimeInformation.OSDescription}, kernel {Kernel}"),
        (".NET", $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"),
        ("date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
    ];

    private static string Processor =>
        FirstLine("/proc/cpuinfo", line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ")[^1]
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static string Kernel =>
        FirstLine("/proc/sys/kernel/osrelease", _ => true) ?? Environment.OSVersion.Version.ToString();

    private static string? FirstLine(string path, Func<string, bool> condition) =>
        File.Exists(path) ? File.ReadLines(path).FirstOrDefault(condition) : null;
}
