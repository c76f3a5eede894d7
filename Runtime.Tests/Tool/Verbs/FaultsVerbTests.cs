using System.Text.Json;
using NUnit.Framework;

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
    public async Task The_histograms_are_drawn()
    {
        KatydidRun run = await RunToSuccessAsync("faults", "--pages", "100");
        Assert.That(run.Output, Does.Contain("accessor: ").And.Contain("unmarkedNative: "));
        Assert.That(run.Output, Does.Contain("median").And.Contain("█"));
    }
}
