using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tool.Tracing;

namespace Runtime.Tool;

/// <summary>A kernel and the volume under it, for verbs that say what became of the volume's space.</summary>
internal sealed class KernelSession : IAsyncDisposable
{
    private KernelSession(Kernel kernel, Volume volume)
    {
        Kernel = kernel;
        Volume = volume;
    }

    internal Kernel Kernel { get; }

    /// <summary>The kernel's, which disposes it.</summary>
    internal Volume Volume { get; }

    /// <summary>Boots over a volume that must exist.</summary>
    internal static Task<KernelSession> OpenAsync(string directory, CancellationToken cancellationToken)
    {
        VolumeSession.RequireExisting(directory);
        return OpenOrCreateAsync(directory, engine: null, memoryBudget: null, cancellationToken);
    }

    internal static async Task<KernelSession> OpenOrCreateAsync(
        string directory, TrapEngine? engine, long? memoryBudget, CancellationToken cancellationToken)
    {
        Volume? volume = null;
        var options = new KernelOptions
        {
            OpenVolume = () => volume = Volume.Open(directory, new VolumeOptions { Create = true }),
            Engine = engine,
            MemoryBudget = memoryBudget,
            SnapshotOnDispose = false,
        };
        options.Managers.Add(options.DefaultManager, () => new SnapshottingManager(volume!));
        Kernel kernel = await ToolTrace.BootAsync(options, cancellationToken);
        return new KernelSession(kernel, volume!);
    }

    internal ContainerRecord Find(string name) => Volume.Find(name) ?? throw VolumeSession.NoContainer(name);

    internal SnapshotInfo FindVersion(string name, StateInterval interval) =>
        Kernel.History(name).FirstOrDefault(version => version.Interval == interval)
            ?? throw VolumeSession.NoVersion(name, interval);

    /// <summary>The version that a container now begins with; 0 if it has none.</summary>
    internal StateInterval Head(ContainerRecord container)
    {
        using VersionMap map = Volume.OpenMap(container);
        return map.Interval;
    }

    /// <summary>How many blocks the volume can use anew after some work.</summary>
    internal long CountFreed(Action work)
    {
        long before = Volume.Statistics.InUse;
        work();
        return before - Volume.Statistics.InUse;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Kernel.DisposeAsync();
}
