using System.Text;
using NUnit.Framework;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Tool.Verbs;

/// <summary>Names of containers on the command line lead to no file.</summary>
public class StrangeNameTests : VolumeTests
{
    [Test]
    public async Task A_name_that_would_mean_something_as_a_path_is_only_a_name()
    {
        string file = WriteFile("file", "content"u8.ToArray());
        string[] before = Entries();
        foreach (string name in ContainerNameTests.Strange)
        {
            // As one word: a name may begin as an option does.
            await RunToSuccessAsync("import", file, $"--container={name}");
            await RunToSuccessAsync("clone", $"--container={name}", "--as=clone");
            await RunToSuccessAsync("delete", "--container=clone");
            KatydidRun export = await RunToSuccessAsync("export", $"--container={name}", "-");
            Assert.That(Encoding.UTF8.GetString(export.Bytes), Is.EqualTo("content"), name);
        }

        Assert.That(Entries().Except(before), Is.EquivalentTo(
            ["my volume", "my volume/data", "my volume/kernel.log", "my volume/lock", "my volume/readers"]));
    }

    private string[] Entries() =>
    [
        .. Directory.GetFileSystemEntries(PathOf("."), "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(PathOf("."), path).Replace('\\', '/')),
    ];
}
