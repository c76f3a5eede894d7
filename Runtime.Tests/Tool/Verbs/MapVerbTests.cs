using System.Text.Json;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class MapVerbTests : VolumeTests
{
    private const long PageSize = PageNumber.Size;

    [Test]
    public async Task Stored_pages_and_holes_are_drawn()
    {
        await WriteAsync(10 * PageSize, [2, 3, 9]);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c");
        Assert.That(run.Output, Is.EqualTo(
            """
            'c', interval 1: 40,960 bytes (40 KiB), 3 of 10 pages stored
            each letter is 1 page (4 KiB): . hole, S stored; small if only some of its pages

                       0x0  ..SS.....S

            """.ReplaceLineEndings("\n")));
    }

    [Test]
    public async Task A_letter_is_small_if_only_some_pages_of_its_block_are_stored()
    {
        await WriteAsync(10 * PageSize, [2, 3, 9]);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c", "--block", "4");
        Assert.That(run.Output, Does.Contain("each letter is 4 pages (16 KiB)").And.EndWith("  s.s\n"));
    }

    [Test]
    public async Task Blocks_that_differ_from_another_version_are_marked_and_their_pages_named()
    {
        await WriteAsync(10 * PageSize, [2, 3, 9]);
        await WriteAsync(10 * PageSize, [0, 3, 4]);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c", "--version", "1");
        Assert.That(run.Output, Does.StartWith("'c', interval 2: ").And.Contain("5 of 10 pages stored"));
        Assert.That(run.Output, Does.Contain("\ncompared with interval 1: 3 pages differ\n"));
        Assert.That(run.Output, Does.Contain("  X.SXX....S\n"));
        Assert.That(run.Output, Does.EndWith("\npages that differ, from 0: 0, 3-4\n"));
    }

    [Test]
    public async Task Any_two_versions_can_be_compared_either_way()
    {
        await WriteAsync(10 * PageSize, [1]);
        await WriteAsync(10 * PageSize, [2]);
        await WriteAsync(10 * PageSize, [3]);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c", "--at", "1", "--version", "2");
        Assert.That(run.Output, Does.Contain("  .SX.......\n"));
        Assert.That(run.Output, Does.Contain("1 of 10 pages stored\ncompared with interval 2: 1 page differs\n"));
        run = await RunToSuccessAsync("map", "--container", "c", "--at", "2", "--version", "2");
        Assert.That(run.Output, Does.Contain("  .SS.......\n").And.Contain(": 0 pages differ\n"));
    }

    [Test]
    public async Task Only_some_of_very_many_stretches_are_named()
    {
        await WriteAsync(100 * PageSize, [1]);
        await WriteAsync(100 * PageSize, [.. Enumerable.Range(0, 25).Select(page => 2L * page)]);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c", "--version", "1");
        Assert.That(run.Output, Does.EndWith(", 36, 38 and 5 more stretches\n"));
    }

    [Test]
    public async Task A_terabyte_is_drawn_in_sixteen_rows()
    {
        await WriteAsync(1L << 40, [0, (1L << 28) - 1]);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c");
        string[] rows = [.. run.Output.Split('\n').Where(line => line.Contains("0x", StringComparison.Ordinal))];
        Assert.That(rows, Has.Length.EqualTo(16));
        Assert.That(rows[0], Does.EndWith("  s" + new string('.', 63)));
        Assert.That(rows[15], Does.EndWith("0xf000000000  " + new string('.', 63) + "s"));
    }

    [Test]
    public async Task A_picture_has_so_many_blocks_and_not_more()
    {
        await WriteAsync(65_537 * PageSize, [0]);
        await RunToSuccessAsync("map", "--container", "c", "--block", "2");
        await RunToRefusalAsync(
            "'c' has 65,537 pages, and a picture at most 65,536 blocks: --block must be at least 2",
            "map", "--container", "c", "--block", "1");
    }

    [Test]
    public async Task Machines_read_the_counts_of_each_block()
    {
        await WriteAsync(10 * PageSize, [2, 3, 9]);
        await WriteAsync(10 * PageSize, [8]);
        JsonElement map = await RunToJsonAsync("map", "--container", "c", "--version", "1", "--block", "4");
        Assert.That(map.GetProperty("interval").GetInt64(), Is.EqualTo(2));
        Assert.That(map.GetProperty("comparedWith").GetInt64(), Is.EqualTo(1));
        Assert.That(map.GetProperty("pages").GetInt64(), Is.EqualTo(10));
        Assert.That(map.GetProperty("stored").GetInt64(), Is.EqualTo(4));
        Assert.That(map.GetProperty("differing").GetInt64(), Is.EqualTo(1));
        Assert.That(Blocks("firstPage"), Is.EqualTo([0, 4, 8]));
        Assert.That(Blocks("pages"), Is.EqualTo([4, 4, 2]));
        Assert.That(Blocks("stored"), Is.EqualTo([2, 0, 2]));
        Assert.That(Blocks("differing"), Is.EqualTo([0, 0, 1]));
        JsonElement run = map.GetProperty("differingRuns").EnumerateArray().Single();
        Assert.That(run.GetProperty("firstPage").GetInt64(), Is.EqualTo(8));
        Assert.That(run.GetProperty("pages").GetInt64(), Is.EqualTo(1));

        IEnumerable<long> Blocks(string property) =>
            map.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty(property).GetInt64());
    }

    [Test]
    public async Task A_container_that_was_never_written_is_a_hole()
    {
        await WriteAsync(3 * PageSize, []);
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c");
        Assert.That(run.Output, Does.StartWith("'c', no version: ").And.EndWith("  ...\n"));
    }

    [Test]
    public async Task A_container_without_bytes_has_no_rows()
    {
        await ImportAsync("c", "");
        KatydidRun run = await RunToSuccessAsync("map", "--container", "c");
        Assert.That(run.Output, Does.Contain("0 of 0 pages stored").And.Not.Contain("0x"));
    }

    [Test]
    public async Task A_version_that_is_not_kept_is_refused()
    {
        await ImportAsync("c", "text");
        const string Line = "container 'c' has no version of interval 2; 'katydid history' shows which it has";
        await RunToRefusalAsync(Line, "map", "--container", "c", "--at", "2");
        await RunToRefusalAsync(Line, "map", "--container", "c", "--version", "2");
    }

    [Test]
    public async Task Without_the_container_it_is_refused()
    {
        await ImportAsync("c", "text");
        await RunToRefusalAsync(
            "there is no container 'd'; 'katydid list' shows what there is", "map", "--container", "d");
    }

    /// <summary>A version in which these pages were written.</summary>
    private async Task WriteAsync(long length, long[] pages)
    {
        await using Kernel kernel = await VolumeSession.OpenOrCreateAsync(Volume, CancellationToken.None);
        using Container container = kernel.OpenContainer("c", length);
        foreach (long page in pages)
        {
            container.View.Write(page * PageSize, 1L);
        }

        if (pages.Length > 0)
        {
            container.TakeSnapshot().WaitForDurable();
        }
    }
}
