using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class DoctorVerbTests : VolumeTests
{
    [Test]
    public async Task It_reports_system_engines_limits_and_a_trap_that_works()
    {
        JsonElement report = await RunToJsonAsync("doctor");
        Assert.That(report.GetProperty("system").GetArrayLength(), Is.Positive);
        Assert.That(report.GetProperty("limits").GetArrayLength(), Is.Positive);
        Assert.That(
            report.GetProperty("engines").EnumerateArray().Select(engine => engine.GetProperty("name").GetString()),
            Is.EquivalentTo(["Protect", "Userfault", "Vectored"]));
        Assert.That(report.GetProperty("selfTest").GetProperty("passed").GetBoolean());
        Assert.That(report.GetProperty("selfTest").GetProperty("medianNs").GetInt64(), Is.Positive);
    }

    [Test]
    public async Task An_absent_engine_has_a_reason()
    {
        JsonElement report = await RunToJsonAsync("doctor");
        foreach (JsonElement engine in report.GetProperty("engines").EnumerateArray())
        {
            bool isAvailable = engine.GetProperty("isAvailable").GetBoolean();
            Assert.That(engine.GetProperty("reason").GetString(), isAvailable ? Is.Null : Is.Not.Empty);
        }
    }

    [Test]
    public async Task It_needs_no_volume_and_creates_none()
    {
        KatydidRun run = await RunToSuccessAsync("doctor");
        Assert.That(run.Output, Does.Contain(Volume).And.Contain("Self-test\n  trap  works"));
        Assert.That(run.Output.Split('\n'), Has.None.EndsWith(" "));
        Assert.That(Directory.Exists(Volume), Is.False);
    }
}
