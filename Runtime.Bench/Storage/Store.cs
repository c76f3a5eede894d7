using Runtime.Core;
using Runtime.Native;
using Runtime.Stores.Disks;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;

namespace Runtime.Bench.Storage;

/// <summary>A kernel over a volume whose writes are counted; nothing is saved that was not asked for.</summary>
internal sealed class Store : IDisposable
{
    private const string ManagerName = "snapshotting";
    private const string DataName = "data";

    private Volume? _volume;

    /// <summary>Opens the volume in a folder, or makes one.</summary>
    internal Store(string folder, TrapEngine engine, long? budget = null, bool isFlushOmitted = false)
    {
        Directory.CreateDirectory(folder);
        Disk = new CountingDisk(FileDisk.Open(DataPath(folder), create: !File.Exists(DataPath(folder))))
        {
            IsFlushOmitted = isFlushOmitted,
        };
        var options = new KernelOptions
        {
            Engine = engine,
            MemoryBudget = budget,
            SnapshotOnDispose = false,
            DefaultManager = ManagerName,
            OpenVolume = () => _volume = Volume.Open(Disk, new VolumeOptions { Create = true }),
        };
        options.Managers.Add(ManagerName, () => new SnapshottingManager(Volume));
        Kernel = Kernel.Boot(options);
    }

    internal CountingDisk Disk { get; }

    internal Kernel Kernel { get; }

    internal Volume Volume => _volume ?? throw new InvalidOperationException("the volume is not open yet");

    /// <summary>The file that holds the blocks of the volume in a folder.</summary>
    internal static string DataPath(string folder) => Path.Combine(folder, DataName);

    public void Dispose() => Kernel.Dispose();
}
