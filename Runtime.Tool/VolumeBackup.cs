using Runtime.Stores.Volumes;
using Runtime.Tool.Output;

namespace Runtime.Tool;

/// <summary>What <c>backup</c> or <c>restore-backup</c> copied, and from where to where.</summary>
internal sealed record BackupReport(
    string From, string To, int Containers, int Versions, int VersionsThere, int VersionsDropped, long Bytes);

/// <summary>Copies a volume to another, which may be in use meanwhile.</summary>
internal static class VolumeBackup
{
    internal static async Task<BackupReport> RunAsync(
        ToolConsole console,
        string what,
        string from,
        string to,
        bool prunes,
        CancellationToken cancellationToken)
    {
        using Volume source = VolumeSession.OpenToRead(from);
        using Volume target = Volume.Open(to, new VolumeOptions { Create = true });
        VolumeCopyReport copied = await console.WithFractionAsync(what, CopyAsync);
        return new BackupReport(
            from,
            to,
            copied.Containers,
            copied.Versions,
            copied.VersionsThere,
            copied.VersionsDropped,
            copied.Pages * Runtime.Core.PageNumber.Size);

        Task<VolumeCopyReport> CopyAsync(IProgress<double> fraction)
        {
            var progress = new ProgressReceiver<VolumeProgress>(
                done => fraction.Report((double)done.Blocks / done.Total));
            return Task.Run(() => source.CopyTo(target, prunes, progress, cancellationToken), cancellationToken);
        }
    }

    internal static void Print(ToolConsole console, string done, BackupReport report, bool json)
    {
        if (json)
        {
            console.WriteJson(report, ToolJson.Printed.BackupReport);
            return;
        }

        string dropped = report.VersionsDropped == 0
            ? string.Empty
            : $", {Format.Count(report.VersionsDropped)} dropped";
        console.Output.WriteLine(
            $"{done} '{report.From}' to '{report.To}': {Format.Count(report.Containers, "container")}, "
                + $"{Format.Count(report.Versions, "version")} copied, {Format.Bytes(report.Bytes)}; "
                + $"{Format.Count(report.VersionsThere)} there already{dropped}");
    }
}
