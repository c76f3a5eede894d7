using System.Text.Json;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool;

namespace Runtime.Tests.Tool.Verbs;

public class BackupVerbTests : VolumeTests
{
    private string Backup => PathOf("backup");

    [SetUp]
    public async Task WriteTwoVersionsAsync()
    {
        await ImportAsync("c", SomeBytes(100_000));
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "two");
    }

    [Test]
    public async Task What_was_backed_up_can_be_verified_read_and_made_a_volume_again()
    {
        KatydidRun run = await RunToSuccessAsync("backup", Backup);
        Assert.That(
            run.Output,
            Is.EqualTo(
                $"backed up '{Volume}' to '{Backup}': 1 container, 2 versions copied, 106,496 bytes (104 KiB); "
                    + "0 there already\n"));
        byte[] now = await ExportAsync("c");
        byte[] before = await ExportAsync("c", "--at", "1");
        Assert.That((await KatydidRun.RunAsync("verify", "--volume", Backup)).ExitCode, Is.EqualTo(ExitCode.Success));

        string restored = PathOf("restored");
        KatydidRun back = await KatydidRun.RunAsync("restore-backup", Backup, "--volume", restored);
        Assert.That(back.ExitCode, Is.EqualTo(ExitCode.Success), back.ToString());
        Directory.Delete(Volume, recursive: true);
        Directory.Move(restored, Volume);
        Assert.That(await ExportAsync("c"), Is.EqualTo(now));
        Assert.That(await ExportAsync("c", "--at", "1"), Is.EqualTo(before));

        // And it goes on with the same backup.
        await RunToSuccessAsync("patch", "--container", "c", "--offset", "0", "--text", "six");
        JsonElement report = await RunToJsonAsync("backup", Backup);
        Assert.That(report.GetProperty("versions").GetInt32(), Is.EqualTo(1));
        Assert.That(report.GetProperty("versionsThere").GetInt32(), Is.EqualTo(2));
        Assert.That(report.GetProperty("bytes").GetInt64(), Is.EqualTo(4096));
    }

    [Test]
    public async Task What_was_dropped_goes_when_it_is_asked_for()
    {
        await RunToSuccessAsync("backup", Backup);
        await RunToSuccessAsync("discard", "--container", "c", "1");
        Assert.That(
            (await RunToJsonAsync("backup", Backup)).GetProperty("versionsDropped").GetInt32(), Is.Zero);
        Assert.That(
            (await RunToSuccessAsync("backup", Backup, "--prune")).Output,
            Does.EndWith("1 there already, 1 dropped\n"));
    }

    [Test]
    public async Task A_volume_that_has_something_is_not_restored_to()
    {
        await RunToSuccessAsync("backup", Backup);
        await RunToRefusalAsync(
            $"the volume at '{Volume}' has 1 container already; a backup is restored to a new one",
            "restore-backup", Backup);
    }

    [Test]
    public async Task Without_a_volume_or_a_backup_it_is_refused()
    {
        string nowhere = PathOf("nowhere");
        KatydidRun backup = await KatydidRun.RunAsync("backup", Backup, "--volume", nowhere);
        Assert.That(
            backup.Error, Is.EqualTo($"katydid: there is no volume at '{nowhere}'; 'katydid import' creates one\n"));
        KatydidRun restore = await KatydidRun.RunAsync("restore-backup", nowhere, "--volume", PathOf("new"));
        Assert.That(restore.ExitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(Directory.Exists(PathOf("new")), Is.False);
        Assert.That(Directory.Exists(Backup), Is.False);
    }

    [Test]
    public async Task It_runs_while_the_volume_is_in_use()
    {
        await using Kernel kernel = await VolumeSession.OpenAsync(Volume, CancellationToken.None);
        await using Container container = kernel.OpenContainer("c");
        container.View.Write(0, 77L);
        await (await container.SnapshotAsync()).WaitForDurableAsync();
        container.View.Write(0, 78L);
        JsonElement report = await RunToJsonAsync("backup", Backup);
        Assert.That(report.GetProperty("versions").GetInt32(), Is.EqualTo(3));
        kernel.DiscardVersions("c", [new StateInterval(1)]);
        container.TakeSnapshot().WaitForDurable();
        Assert.That((await RunToJsonAsync("backup", Backup)).GetProperty("versions").GetInt32(), Is.EqualTo(1));
    }
}
