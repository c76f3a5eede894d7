using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class PatchVerbTests : VolumeTests
{
    [Test]
    public async Task Text_is_written_and_durable()
    {
        await ImportAsync("c", "Hello, world");
        KatydidRun run = await RunToSuccessAsync("patch", "--container", "c", "--offset", "7", "--text", "wörl");
        Assert.That(run.Output, Is.EqualTo("patched 5 bytes at 7 of 'c': 1 page, interval 2 durable\n"));
        Assert.That(await ExportAsync("c"), Is.EqualTo("Hello, wörl"u8.ToArray()));
    }

    [Test]
    public async Task Hexadecimal_digits_are_bytes()
    {
        await ImportAsync("c", SomeBytes(5_000));
        JsonElement report = await RunToJsonAsync("patch", "--container", "c", "--offset", "0xfff", "--hex", "55 aa");
        Assert.That(report.GetProperty("interval").GetInt64(), Is.EqualTo(2));
        Assert.That(report.GetProperty("pagesChanged").GetInt64(), Is.EqualTo(2));
        Assert.That(report.GetProperty("bytes").GetInt64(), Is.EqualTo(2));
        Assert.That(report.GetProperty("offset").GetInt64(), Is.EqualTo(4095));
        Assert.That((await ExportAsync("c"))[4095..4097], Is.EqualTo(new byte[] { 0x55, 0xAA }));
    }

    [TestCase("3", "xyz", "3 bytes at offset 3 would end beyond 'c', which has 5 bytes")]
    [TestCase("5", "x", "1 byte at offset 5 would end beyond 'c', which has 5 bytes")]
    [TestCase("0x1000000000", "x", "1 byte at offset 68,719,476,736 would end beyond 'c', which has 5 bytes")]
    public async Task Beyond_the_end_is_refused_and_changes_nothing(string offset, string text, string line)
    {
        await ImportAsync("c", "12345");
        await RunToRefusalAsync(line, "patch", "--container", "c", "--offset", offset, "--text", text);
        Assert.That(await ExportAsync("c"), Is.EqualTo("12345"u8.ToArray()));
        Assert.That((await RunToJsonAsync("history", "--container", "c")).GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task The_last_byte_can_be_patched()
    {
        await ImportAsync("c", "12345");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "4", "--text", "!");
        Assert.That(await ExportAsync("c"), Is.EqualTo("1234!"u8.ToArray()));
    }

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'd'; 'katydid list' shows what there is",
            "patch", "--container", "d", "--offset", "0", "--text", "x");
    }

    [Test]
    public Task Without_a_volume_it_is_refused() => RunToRefusalAsync(
        $"there is no volume at '{Volume}'; 'katydid import' creates one",
        "patch", "--container", "c", "--offset", "0", "--text", "x");
}
