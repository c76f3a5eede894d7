using System.CommandLine;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>backup DIR [--prune]</c>: every container and version, as of one moment.</summary>
internal static class BackupVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var target = new Argument<string>("DIR")
        {
            Description = "Where the backup is, or is to be: a volume itself, to which nothing else is written.",
        };
        var prune = new Option<bool>("--prune")
        {
            Description = "Then drop from the backup what the volume no longer has.",
        };
        var json = new JsonOption();
        var verb = new Verb("backup", "Copy every container and version, as of one moment, while the volume is in use.")
        {
            Notes =
            [
                "The first time everything is copied, and then only what the backup has not: of each new version the",
                "pages that differ from an older one. Cancelled or cut short on the way, the backup is as it was.",
                "Every verb that reads works on a backup: 'katydid verify --volume DIR'. Without --prune it keeps",
                "versions and containers that the volume has dropped.",
            ],
            Examples = ["backup /mnt/backup/store", "backup /mnt/backup/store --volume /data/store --prune"],
        };
        verb.Arguments.Add(target);
        verb.Options.Add(prune);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            BackupReport report = await VolumeBackup.RunAsync(
                console,
                "backup",
                volume.Resolve(command),
                command.GetRequiredValue(target),
                command.GetValue(prune),
                cancellationToken);
            VolumeBackup.Print(console, "backed up", report, json.Get(command));
            return ExitCode.Success;
        });
        return verb;
    }
}
