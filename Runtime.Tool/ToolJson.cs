using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Runtime.Core.Capabilities;
using Runtime.Core.Loci;
using Runtime.Tool.Stats;
using Runtime.Tool.Tracing;
using Runtime.Tool.Verbs;

namespace Runtime.Tool;

/// <summary>Everything that <c>--json</c> prints, generated at build time so that no reflection is needed.</summary>
[JsonSerializable(typeof(BackupReport))]
[JsonSerializable(typeof(CapabilityInfo[]))]
[JsonSerializable(typeof(CloneReport))]
[JsonSerializable(typeof(ContainerEntry[]))]
[JsonSerializable(typeof(DeleteReport))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(DiscardReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(FaultWayReport[]))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(LocusInfo[]))]
[JsonSerializable(typeof(MapReport))]
[JsonSerializable(typeof(PatchReport))]
[JsonSerializable(typeof(RestoreReport))]
[JsonSerializable(typeof(StatsReport))]
[JsonSerializable(typeof(TraceEntry))]
[JsonSerializable(typeof(VersionEntry[]))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class ToolJson : JsonSerializerContext
{
    /// <summary>As it is printed: indented, and names of containers not escaped for HTML.</summary>
    internal static ToolJson Printed { get; } = new(OptionsFor(isIndented: true));

    /// <summary>The same on one line, for one document after another.</summary>
    internal static ToolJson Lines { get; } = new(OptionsFor(isIndented: false));

    private static JsonSerializerOptions OptionsFor(bool isIndented) => new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = isIndented,
    };
}
