using System.Text.Json.Serialization;
using Runtime.Tool.Verbs;

namespace Runtime.Tool;

/// <summary>Everything that <c>--json</c> prints, generated at build time so that no reflection is needed.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ContainerEntry[]))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(FaultWayReport[]))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(PatchReport))]
[JsonSerializable(typeof(VersionEntry[]))]
[JsonSerializable(typeof(VolumeReport))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class ToolJson : JsonSerializerContext;
