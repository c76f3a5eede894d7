using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Tool.Output;

namespace Runtime.Tool;

/// <summary>A place of a version that cannot be read; without an offset it is the version as a whole.</summary>
internal sealed record DamagedPlace(string Container, ulong Interval, long? Offset, string Problem);

/// <summary>What was read of a volume, and what could not be.</summary>
internal sealed record VolumeReport(int Containers, int Versions, long Bytes, IReadOnlyList<DamagedPlace> Damaged);

/// <summary>Reads every page of every version of a volume, the oldest first.</summary>
internal static class VolumeCheck
{
    internal static async Task<VolumeReport> RunAsync(ToolConsole console, string volume, CancellationToken cancellationToken)
    {
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, cancellationToken);
        var damaged = new List<DamagedPlace>();
        ContainerRecord[] containers = [.. kernel.Containers.OrderBy(container => container.Id)];
        (string Name, SnapshotInfo Version)[] versions =
            [.. containers.SelectMany(container => kernel.History(container.Name).Select(version => (container.Name, version)))];
        long total = versions.Sum(version => version.Version.Length);
        long bytes = await console.WithProgressAsync("verify", total, progress => Task.Run(
            () =>
            {
                long done = 0;
                foreach ((string name, SnapshotInfo version) in versions)
                {
                    ReadVersion(kernel, name, version, damaged, done, progress, cancellationToken);
                    done += version.Length;
                }

                return done;
            },
            cancellationToken));
        return new VolumeReport(containers.Length, versions.Length, bytes, damaged);
    }

    private static void ReadVersion(
        Kernel kernel,
        string name,
        SnapshotInfo version,
        List<DamagedPlace> damaged,
        long done,
        IProgress<long> progress,
        CancellationToken cancellationToken)
    {
        try
        {
            using Container container = kernel.OpenVersion(name, version.Interval);
            for (long offset = 0; offset < version.Length; offset += PageNumber.Size)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    _ = container.View.Read<byte>(offset);
                }
                catch (ContainerFaultException exception)
                {
                    damaged.Add(new DamagedPlace(
                        name, version.Interval.Value, offset, exception.InnerException?.Message ?? exception.Message));
                }

                progress.Report(done + offset);
            }
        }
        catch (KernelException exception)
        {
            damaged.Add(new DamagedPlace(name, version.Interval.Value, null, exception.Message));
        }
    }
}
