using NUnit.Framework;
using Runtime.Tool;

namespace Runtime.Tests.Tool;

public class UsageTests
{
    [TestCase("required command was not provided; try 'katydid --help'")]
    [TestCase("unrecognized command or argument 'bogus'; try 'katydid --help'", "bogus")]
    [TestCase("option '--container' is required; try 'katydid import --help'", "import", "f")]
    [TestCase(
        "required argument 'FILE' missing for command: 'import'; try 'katydid import --help'",
        "import", "--container", "c")]
    [TestCase(
        "unrecognized command or argument 'g'; try 'katydid import --help'",
        "import", "f", "g", "--container", "c")]
    [TestCase("unrecognized command or argument '--jsno'; try 'katydid list --help'", "list", "--jsno")]
    [TestCase("required argument missing for option: '--volume'; try 'katydid list --help'", "list", "--volume")]
    [TestCase("option '--volume' needs a directory; try 'katydid list --help'", "list", "--volume", "")]
    [TestCase("option '--container' is required; try 'katydid history --help'", "history")]
    [TestCase(
        "'0' is no interval; 'katydid history' lists them; try 'katydid export --help'",
        "export", "--container", "c", "--at", "0", "-")]
    [TestCase(
        "'x' is no interval; 'katydid history' lists them; try 'katydid export --help'",
        "export", "--container", "c", "--at", "x", "-")]
    [TestCase("--text or --hex is required; try 'katydid search --help'", "search", "--container", "c")]
    [TestCase(
        "--text and --hex exclude each other; try 'katydid search --help'",
        "search", "--container", "c", "--text", "a", "--hex", "61")]
    [TestCase("--text is empty; try 'katydid search --help'", "search", "--container", "c", "--text", "")]
    [TestCase("--hex is empty; try 'katydid search --help'", "search", "--container", "c", "--hex", " ")]
    [TestCase(
        "'6' is not pairs of hexadecimal digits; try 'katydid search --help'",
        "search", "--container", "c", "--hex", "6")]
    [TestCase("option '--offset' is required; try 'katydid patch --help'", "patch", "--container", "c", "--text", "a")]
    [TestCase(
        "'-1' is no byte offset; try 'katydid patch --help'",
        "patch", "--container", "c", "--text", "a", "--offset", "-1")]
    [TestCase("option '--to' is required; try 'katydid restore --help'", "restore", "--container", "c")]
    [TestCase("option '--as' is required; try 'katydid clone --help'", "clone", "--container", "c")]
    [TestCase("option '--container' is required; try 'katydid delete --help'", "delete")]
    [TestCase(
        "required argument 'INTERVAL' missing for command: 'discard'; try 'katydid discard --help'",
        "discard", "--container", "c")]
    [TestCase(
        "'7-3' is no interval and no range like 3-7; 'katydid history' lists them; try 'katydid discard --help'",
        "discard", "--container", "c", "1", "7-3")]
    [TestCase(
        "--last, --hourly or --daily is required; try 'katydid retain --help'", "retain", "--container", "c")]
    [TestCase(
        "'0' is no number of versions, at least 1; try 'katydid retain --help'",
        "retain", "--container", "c", "--last", "0")]
    [TestCase(
        "'0' is no interval; 'katydid history' lists them; try 'katydid map --help'",
        "map", "--container", "c", "--version", "0")]
    [TestCase(
        "'0' is no number of pages, at least 1; try 'katydid map --help'", "map", "--container", "c", "--block", "0")]
    [TestCase("'much' is no size; '64MiB' is one; try 'katydid stats --help'", "stats", "--budget", "much")]
    [TestCase(
        "'0' is no number of seconds, at least 1; try 'katydid stats --help'", "stats", "--seconds", "0")]
    [TestCase("'0' is no number of pages from 1 to 1,000,000; try 'katydid faults --help'", "faults", "--pages", "0")]
    [TestCase("required argument 'VERB' missing for command: 'trace'; try 'katydid trace --help'", "trace")]
    [TestCase("'trace' is not traced itself; try 'katydid trace --help'", "trace", "--", "trace", "list")]
    [TestCase(
        "there is no call 'x' between kernel and manager; try 'katydid trace --help'",
        "trace", "--calls", "container_fault,x", "--", "list")]
    [TestCase("unrecognized command or argument 'bogus'; try 'katydid --help'", "trace", "--", "bogus")]
    [TestCase("option '--container' is required; try 'katydid export --help'", "trace", "--", "export", "-")]
    public async Task Wrong_usage_is_exit_code_2_and_one_line(string line, params string[] args)
    {
        KatydidRun run = await KatydidRun.RunAsync(args);
        Assert.That(run.Error, Is.EqualTo($"katydid: {line}\n"));
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Output, Is.Empty);
    }

    [TestCase("")]
    [TestCase("two\nlines")]
    [TestCase("ééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé" +
        "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé")]
    public async Task A_name_that_no_container_can_have_is_wrong_usage(string name)
    {
        KatydidRun run = await KatydidRun.RunAsync("history", "--container", name);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Error, Is.EqualTo(
            "katydid: a container's name has 1 to 255 bytes of UTF-8 and no control characters; " +
            "try 'katydid history --help'\n"));
    }
}
