using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Runtime.Tool;

namespace Runtime.Tests.Tool;

/// <summary>Tests of verbs, each with a directory of its own for its volume and files.</summary>
public abstract class VolumeTests
{
    private string _directory = "";

    /// <summary>Where the test's volume is, or is not.</summary>
    protected string Volume => PathOf("my volume");

    [SetUp]
    public void CreateDirectory() => _directory = Directory.CreateTempSubdirectory("katydid tests ").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_directory, recursive: true);

    protected string PathOf(string name) => Path.Combine(_directory, name);

    protected string WriteFile(string name, byte[] bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    /// <summary>Bytes that differ everywhere, so that a page in the wrong place is seen.</summary>
    protected static byte[] SomeBytes(int count, int seed = 1)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Damages the volume: one bit of the block in which these bytes stand.</summary>
    protected void ChangeWhereverItStands(byte[] content)
    {
        string data = Path.Combine(Volume, "data");
        byte[] disk = File.ReadAllBytes(data);
        int position = disk.AsSpan().IndexOf(content);
        Assert.That(position, Is.Not.Negative);
        disk[position] ^= 1;
        File.WriteAllBytes(data, disk);
    }

    /// <summary>Runs a command line on the test's volume.</summary>
    private protected Task<KatydidRun> RunAsync(params string[] args) =>
        KatydidRun.RunAsync([.. args, "--volume", Volume]);

    private protected async Task<KatydidRun> RunToSuccessAsync(params string[] args)
    {
        KatydidRun run = await RunAsync(args);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Success), run.ToString());
        Assert.That(run.Error, Is.Empty);
        return run;
    }

    private protected async Task<JsonElement> RunToJsonAsync(params string[] args)
    {
        KatydidRun run = await RunToSuccessAsync([.. args, "--json"]);
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>Runs a command line that is to be refused with exactly this line.</summary>
    private protected async Task RunToRefusalAsync(string line, params string[] args)
    {
        KatydidRun run = await RunAsync(args);
        Assert.That(run.Error, Is.EqualTo($"katydid: {line}\n"), run.ToString());
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Failure));
    }

    private protected Task<KatydidRun> ImportAsync(string container, byte[] bytes) =>
        RunToSuccessAsync("import", WriteFile("to import", bytes), "--container", container);

    private protected Task<KatydidRun> ImportAsync(string container, string text) =>
        ImportAsync(container, Encoding.UTF8.GetBytes(text));

    private protected async Task<byte[]> ExportAsync(string container, params string[] more) =>
        (await RunToSuccessAsync(["export", "--container", container, .. more, "-"])).Bytes;
}
