using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores;

namespace Runtime.Tool;

/// <summary>A kernel over a volume, for the length of one verb.</summary>
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
    internal static Task<Kernel> OpenAsync(string volume, CancellationToken cancellationToken)
    {
        RequireExisting(volume);
        return OpenOrCreateAsync(volume, cancellationToken);
    }

    internal static Task<Kernel> OpenOrCreateAsync(string volume, CancellationToken cancellationToken)
    {
        // A verb takes its snapshots itself: what it wrote before it failed must not become a version on the way out.
        var options = new KernelOptions { Volume = volume, SnapshotOnDispose = false };
        return Kernel.BootAsync(options, cancellationToken);
    }

    internal static void RequireContainer(this Kernel kernel, string name)
    {
        if (!kernel.Containers.Any(container => container.Name == name))
        {
            throw new RefusedException($"there is no container '{name}'; 'katydid list' shows what there is");
        }
    }

    /// <summary>Opens a container that must exist, or one of its versions, which nobody may write.</summary>
    internal static async Task<Container> OpenExistingAsync(
        this Kernel kernel, string name, StateInterval? version, CancellationToken cancellationToken)
    {
        kernel.RequireContainer(name);
        return version is { } interval
            ? kernel.OpenVersion(name, interval)
            : await kernel.OpenContainerAsync(name, cancellationToken: cancellationToken);
    }
}
