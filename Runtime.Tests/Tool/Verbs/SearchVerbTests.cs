using System.Text.Json;
using NUnit.Framework;

namespace Runtime.Tests.Tool.Verbs;

public class SearchVerbTests : VolumeTests
{
    [TestCase("aa", "0\n1\n4\n5\n6\n")]
    [TestCase("aba", "2\n")]
    [TestCase("aaabaaaa", "0\n")]
    [TestCase("ba", "3\n")]
    [TestCase("bb", "")]
    [TestCase("longer than the container", "")]
    public async Task Every_occurrence_is_found_overlapping_ones_too(string text, string expected)
    {
        await ImportAsync("c", "aaabaaaa");
        Assert.That(await SearchAsync(text), Is.EqualTo(expected));
    }

    [Test]
    public async Task An_occurrence_across_pieces_is_found_once()
    {
        const int Piece = 1 << 20;
        byte[] bytes = new byte[(2 * Piece) + 10];
        long[] offsets = [0, Piece - 3, Piece, (2 * Piece) - 1, (2 * Piece) + 7];
        foreach (long offset in offsets)
        {
            "abc"u8.CopyTo(bytes.AsSpan((int)offset));
        }

        await ImportAsync("c", bytes);
        JsonElement found = await RunToJsonAsync("search", "--container", "c", "--hex", "61 62 63");
        Assert.That(found.EnumerateArray().Select(offset => offset.GetInt64()), Is.EqualTo(offsets));
    }

    [Test]
    public async Task An_older_version_can_be_searched()
    {
        await ImportAsync("c", "one way");
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "two");
        Assert.That(await SearchAsync("one"), Is.Empty);
        Assert.That(await SearchAsync("one", "--at", "1"), Is.EqualTo("0\n"));
    }

    [Test]
    public async Task An_empty_container_holds_nothing()
    {
        await ImportAsync("c", "");
        Assert.That((await RunToJsonAsync("search", "--container", "c", "--text", "x")).GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'd'; 'katydid list' shows what there is",
            "search", "--container", "d", "--text", "x");
    }

    [Test]
    public Task Without_a_volume_it_is_refused() => RunToRefusalAsync(
        $"there is no volume at '{Volume}'; 'katydid import' creates one", "search", "--container", "c", "--text", "x");

    private async Task<string> SearchAsync(string text, params string[] more) =>
        (await RunToSuccessAsync(["search", "--container", "c", "--text", text, .. more])).Output;
}
