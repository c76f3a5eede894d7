using System.Text.Json;
using NUnit.Framework;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class VerifyVerbTests : VolumeTests
{
    [Test]
    public async Task A_sound_volume_is_found_sound()
    {
        await ImportAsync("c", SomeBytes(10_000));
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "x");
        JsonElement report = await RunToJsonAsync("verify");
        Assert.That(report.GetProperty("pages").GetInt64(), Is.EqualTo(4));
        Assert.That(report.GetProperty("blocks").GetInt64(), Is.GreaterThan(4));
        Assert.That(report.GetProperty("damageCount").GetInt64(), Is.Zero);
        Assert.That(report.GetProperty("damaged").GetArrayLength(), Is.Zero);
        Assert.That((await RunToSuccessAsync("verify")).Output, Does.Contain("all sound"));
    }

    [Test]
    public async Task A_changed_byte_is_found_and_named()
    {
        byte[] bytes = SomeBytes(10_000);
        await ImportAsync("c", bytes);
        ChangeWhereverItStands(bytes[4096..4128]);
        KatydidRun run = await RunAsync("verify", "--json");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure), run.ToString());
        Assert.That(run.Error, Is.EqualTo("katydid: the volume is damaged: 1 block\n"));
        JsonElement damaged = JsonDocument.Parse(run.Output).RootElement.GetProperty("damaged")[0];
        Assert.That(damaged.GetProperty("container").GetString(), Is.EqualTo("c"));
        Assert.That(damaged.GetProperty("interval").GetInt64(), Is.EqualTo(1));
        Assert.That(damaged.GetProperty("page").GetInt64(), Is.EqualTo(1));
        Assert.That(damaged.GetProperty("problem").GetString(), Does.Contain("checksum"));
        Assert.That((await RunAsync("verify")).Output, Does.Contain("checksum").And.Contain("1 damaged"));
    }

    [Test]
    public Task Without_a_volume_it_is_refused() => RunToRefusalAsync(
        $"there is no volume at '{Volume}'; 'katydid import' creates one", "verify");
}
