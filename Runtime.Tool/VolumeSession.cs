using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Stores;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tool.Tracing;

namespace Runtime.Tool;

/// <summary>A volume, or a kernel over it, for the length of one verb.</summary>
internal static class VolumeSession
{
    // Present in every volume from its creation on; an empty directory is not a volume.
    private const string DataFile = "data";

    internal static bool Exists(string volume) => File.Exists(Path.Combine(volume, DataFile));

    internal static void RequireExisting(string volume)
    {
        if (!Exists(volume))
        {
            throw new RefusedException($"there is no volume at '{volume}'; 'katydid import' creates one");
        }
    }

    /// <summary>Boots over a volume that must exist.</summary>
    internal static Task<Kernel> OpenAsync(string volume, CancellationToken cancellationToken) =>
        OpenAsync(volume, engine: null, cancellationToken);

    /// <summary>Boots over a volume that must exist, with an engine of one's choice.</summary>
    internal static Task<Kernel> OpenAsync(string volume, TrapEngine? engine, CancellationToken cancellationToken)
    {
        RequireExisting(volume);
        return OpenOrCreateAsync(volume, engine, cancellationToken);
    }

    internal static Task<Kernel> OpenOrCreateAsync(string volume, CancellationToken cancellationToken) =>
        OpenOrCreateAsync(volume, engine: null, cancellationToken);

    internal static Task<Kernel> OpenOrCreateAsync(
        string volume, TrapEngine? engine, CancellationToken cancellationToken)
    {
        // A verb takes its snapshots itself: what it wrote before it failed must not become a version on the way out.
        var options = new KernelOptions { Volume = volume, SnapshotOnDispose = false, Engine = engine };
        return ToolTrace.BootAsync(options, cancellationToken);
    }

    /// <summary>
    /// Boots over a volume that must exist, beside whoever writes it, and shows what it was at that moment.
    /// </summary>
    internal static Task<Kernel> BootToReadAsync(string directory, CancellationToken cancellationToken)
    {
        RequireExisting(directory);
        Volume? volume = null;
        var options = new KernelOptions
        {
            OpenVolume = () => volume = OpenToRead(directory),
            SnapshotOnDispose = false,
            ResumesLoci = false,
        };
        options.Managers.Add(options.DefaultManager, () => new SnapshottingManager(volume!));
        return ToolTrace.BootAsync(options, cancellationToken);
    }

    /// <summary>Opens a volume that must exist, beside whoever writes it, without a kernel.</summary>
    internal static Volume OpenToRead(string volume)
    {
        RequireExisting(volume);
        return Volume.Open(volume, new VolumeOptions { ReadOnly = true });
    }

    /// <summary>Opens a container that must exist, or one of its versions, which nobody may write.</summary>
    internal static async Task<Container> OpenExistingAsync(
        this Kernel kernel, string name, StateInterval? version, CancellationToken cancellationToken)
    {
        if (kernel.Containers.All(container => container.Name != name))
        {
            throw NoContainer(name);
        }

        if (version is not { } interval)
        {
            return await kernel.OpenContainerAsync(name, cancellationToken: cancellationToken);
        }

        return kernel.History(name).Any(kept => kept.Interval == interval)
            ? kernel.OpenVersion(name, interval)
            : throw NoVersion(name, interval);
    }

    internal static RefusedException NoContainer(string name) =>
        new($"there is no container '{name}'; 'katydid list' shows what there is");

    internal static RefusedException NoVersion(string name, StateInterval interval) =>
        new($"container '{name}' has no version of interval {interval}; 'katydid history' shows which it has");
}
