using System.Runtime.CompilerServices;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;

namespace Runtime.Stores;

/// <summary>Adds the volume to <see cref="KernelOptions"/>, so that Core need not know any store.</summary>
public static class KernelOptionsExtensions
{
    private const string ManagerName = "snapshotting";

    private static readonly ConditionalWeakTable<KernelOptions, HomeVolume> s_volumes = [];

    extension(KernelOptions options)
    {
        /// <summary>
        /// The directory of the home volume, created if absent; registers the manager "snapshotting" with it.
        /// </summary>
        public string? Volume
        {
            get => s_volumes.TryGetValue(options, out HomeVolume? home) ? home.Directory : null;
            set => s_volumes.GetOrCreateValue(options).Set(options, value);
        }
    }

    /// <summary>What the options say of the volume, and the volume once the kernel has opened it.</summary>
    private sealed class HomeVolume
    {
        private Volumes.Volume? _opened;

        public string? Directory { get; private set; }

        public void Set(KernelOptions options, string? directory)
        {
            Directory = directory;
            options.OpenVolume = directory is null ? null : () => Open(directory);
            if (!options.Managers.Names.Contains(ManagerName))
            {
                options.Managers.Add(ManagerName, CreateManager);
            }
        }

        private IVolume Open(string directory) =>
            _opened = Volumes.Volume.Open(directory, new VolumeOptions { Create = true });

        private SnapshottingManager CreateManager() => new(_opened
            ?? throw new InvalidOperationException("The kernel has not opened the volume that the options name."));
    }
}
