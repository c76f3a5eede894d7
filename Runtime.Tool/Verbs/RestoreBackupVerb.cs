using System.CommandLine;
using Runtime.Stores.Volumes;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>restore-backup DIR</c>: makes the volume anew from a backup.</summary>
internal static class RestoreBackupVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var source = new Argument<string>("DIR") { Description = "The backup." };
        var json = new JsonOption();
        var verb = new Verb("restore-backup", "Make a new volume of a backup: every container and version that it has.")
        {
            Notes =
            [
                "The volume must not exist, or have no containers: nothing is overwritten. The backup stays what it",
                "is, and later backups of the new volume may go on with it.",
            ],
            Examples = ["restore-backup /mnt/backup/store --volume /data/store"],
        };
        verb.Arguments.Add(source);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            string target = volume.Resolve(command);
            RefuseWhatIsInUse(target);
            BackupReport report = await VolumeBackup.RunAsync(
                console, "restore", command.GetRequiredValue(source), target, prunes: false, cancellationToken);
            VolumeBackup.Print(console, "restored", report, json.Get(command));
            return ExitCode.Success;
        });
        return verb;
    }

    private static void RefuseWhatIsInUse(string directory)
    {
        if (VolumeSession.Exists(directory))
        {
            using Volume volume = VolumeSession.OpenToRead(directory);
            if (volume.Containers.Count > 0)
            {
                throw new RefusedException(
                    $"the volume at '{directory}' has {Format.Count(volume.Containers.Count, "container")} already; "
                        + "a backup is restored to a new one");
            }
        }
    }
}
