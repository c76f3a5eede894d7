using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Runtime.Tool.Verbs;

namespace Runtime.Tool;

/// <summary>Everything that <c>--json</c> prints, generated at build time so that no reflection is needed.</summary>
[JsonSerializable(typeof(ContainerEntry[]))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(FaultWayReport[]))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(PatchReport))]
[JsonSerializable(typeof(VersionEntry[]))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class ToolJson : JsonSerializerContext
{
    /// <summary>As it is printed: indented, and names of containers not escaped for HTML.</summary>
    internal static ToolJson Printed { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    });
}
