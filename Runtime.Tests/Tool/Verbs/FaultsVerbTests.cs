using System.Text.Json;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Tool.Verbs;

public class FaultsVerbTests : VolumeTests
{
    [Test]
    public async Task Each_way_is_measured_and_every_sample_is_in_a_bucket()
    {
        JsonElement[] ways = [.. (await RunToJsonAsync("faults", "--pages", "100")).EnumerateArray()];
        Assert.That(
            ways.Select(way => way.GetProperty("way").GetString()),
            Is.EqualTo(["accessor", "lease", "nativeSection", "managed", "unmarkedNative"]));
        foreach (JsonElement way in ways)
        {
            Assert.That(way.GetProperty("pages").GetInt64(), Is.EqualTo(100));
            Assert.That(
                way.GetProperty("buckets").EnumerateArray().Sum(bucket => bucket.GetProperty("count").GetInt64()),
                Is.EqualTo(100));
            Assert.That(way.GetProperty("medianNs").GetInt64(), Is.Positive);
        }
    }

    [Test]
    public async Task The_engine_is_that_which_was_named()
    {
        foreach (TrapEngine engine in TrapEngine.All.Where(engine => engine.Unavailable is null))
        {
            JsonElement ways = await RunToJsonAsync("faults", "--pages", "10", "--engine", engine.Name);
            IEnumerable<string?> engines = ways.EnumerateArray().Select(way => way.GetProperty("engine").GetString());
            Assert.That(engines, Is.All.EqualTo(engine.Name));
        }
    }

    [Test]
    public async Task An_engine_that_is_not_here_is_refused_with_those_that_are()
    {
        KatydidRun run = await RunAsync("faults", "--engine", "Steam");
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("there is no trap engine 'Steam' here"));
        foreach (TrapEngine engine in TrapEngine.All)
        {
            Assert.That(run.Error, Does.Contain(
                engine.Unavailable is { } reason ? $"{engine.Name} is not ({reason})" : $"{engine.Name} is available"));
        }
    }

    [Test]
    public async Task The_histograms_are_drawn()
    {
        KatydidRun run = await RunToSuccessAsync("faults", "--pages", "100");
        Assert.That(run.Output, Does.Contain("accessor: ").And.Contain("unmarkedNative: "));
        Assert.That(run.Output, Does.Contain("median").And.Contain("█"));
    }
}
