using Runtime.Tool.Arguments;
using Runtime.Tool.Faults;
using Runtime.Tool.Machine;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>Everything that <c>doctor</c> found.</summary>
internal sealed record DoctorReport(
    IReadOnlyList<Finding> System,
    IReadOnlyList<EngineFact> Engines,
    IReadOnlyList<Finding> Limits,
    IReadOnlyList<Finding> Volume,
    TrapSelfTest SelfTest);

/// <summary><c>doctor</c>: whether Katydid can work here, and what bounds it.</summary>
internal static class DoctorVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var json = new JsonOption();
        var verb = new Verb(
            "doctor",
            "Show the system, the trap engines, the limits that apply, and how a self-test of the trap goes.")
        {
            Notes = ["The self-test takes real page faults. Fails if the self-test does."],
            Examples = ["doctor", "doctor --json"],
        };
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            var report = new DoctorReport(
                SystemFacts.Collect(),
                TrapFacts.Engines(),
                OperatingSystem.IsWindows() ? WindowsLimits.Collect() : LinuxLimits.Collect(),
                VolumeFacts.Collect(volume.Resolve(command)),
                await TrapSelfTest.RunAsync(cancellationToken));
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.DoctorReport);
            }
            else
            {
                Draw(console, report);
            }

            return report.SelfTest.Passed
                ? ExitCode.Success
                : throw new RefusedException($"the self-test of the trap failed: {report.SelfTest.Problem}");
        });
        return verb;
    }

    private static void Draw(ToolConsole console, DoctorReport report)
    {
        DrawSection(console, "System", report.System);
        DrawSection(console, "Trap engines", [.. report.Engines.Select(engine =>
            new Finding(engine.Name, engine.IsAvailable ? "available" : "absent", engine.Reason))]);
        DrawSection(console, "Limits", report.Limits);
        DrawSection(console, "Volume", report.Volume);
        TrapSelfTest test = report.SelfTest;
        DrawSection(console, "Self-test",
        [
            test.MedianNs is { } median
                ? new Finding("trap", "works", $"median of {test.Pages} faults: {Format.Nanoseconds(median)}")
                : new Finding("trap", "fails", test.Problem),
        ]);
    }

    /// <summary>Three columns, as wide as their texts; a grid of Spectre's would end every line in spaces.</summary>
    private static void DrawSection(ToolConsole console, string title, IReadOnlyList<Finding> findings)
    {
        int nameWidth = findings.Max(finding => finding.Name.Length);
        int valueWidth = findings.Max(finding => finding.Value.Length);
        console.Output.WriteLine(title);
        foreach (Finding finding in findings)
        {
            string fact = $"  {finding.Name.PadRight(nameWidth)}  {finding.Value.PadRight(valueWidth)}";
            console.Output.WriteLine($"{fact}  {finding.Remark}".TrimEnd());
        }

        console.Output.WriteLine();
    }
}
