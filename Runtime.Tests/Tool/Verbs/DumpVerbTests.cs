using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class DumpVerbTests : VolumeTests
{
    [SetUp]
    public Task ImportAsync() => ImportAsync("c", "one");

    [Test]
    public async Task Superblocks_and_the_blocks_that_they_name_are_shown()
    {
        string superblocks = (await RunToSuccessAsync("dump")).Output;
        Assert.That(superblocks, Does.Contain(": newest\n").And.Contain(": the commit before\n"));
        string catalogue = Regex.Match(superblocks.Split(": newest\n")[1], "catalogue +(b[0-9a-f]+)").Groups[1].Value;
        string block = (await RunToSuccessAsync("dump", "--block", catalogue)).Output;
        Assert.That(block, Does.StartWith($"block {catalogue}, ").And.Contain("of the catalogue"));
    }

    [Test]
    public async Task They_are_shown_even_if_no_volume_can_be_opened()
    {
        File.WriteAllBytes(Path.Combine(Volume, "data"), new byte[5 * 4096]);
        string superblocks = (await RunToSuccessAsync("dump")).Output;
        Assert.That(Regex.Count(superblocks, "damaged: it does not begin as a superblock does"), Is.EqualTo(4));
    }

    [Test]
    public async Task What_is_no_block_is_refused()
    {
        KatydidRun run = await RunAsync("dump", "--block", "x");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Does.Contain("'x' is no block number"));
        Assert.That((await RunAsync("dump", "--block", "fffffff")).ExitCode, Is.EqualTo(ExitCode.Failure));
    }
}
