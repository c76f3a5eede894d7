using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;

namespace Runtime.Stores.Volumes;

/// <content>Opening.</content>
public sealed partial class Volume
{
    /// <summary>Opens the volume in a directory.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.Busy"/> if another process has it open; the message names it.
    /// </exception>
    /// <exception cref="VolumeException">There is none and it is not to be created, or it cannot be read.</exception>
    public static Volume Open(string directory, VolumeOptions? options = null) =>
        Open(directory, options ?? new VolumeOptions(), SystemFiles.Instance);

    /// <summary>Opens the volume on a disk, which it takes over.</summary>
    /// <exception cref="VolumeException">There is none and it is not to be created, or it cannot be read.</exception>
    public static Volume Open(IDisk disk, VolumeOptions? options = null) =>
        Open(disk, options ?? new VolumeOptions(), home: null);

    internal static Volume Open(string directory, VolumeOptions options, IFileSystem system)
    {
        VolumeDirectory? home = null;
        try
        {
            home = VolumeDirectory.Open(directory, options, system);
            return Open(home.OpenData(), options, home);
        }
        catch
        {
            home?.Dispose();
            throw;
        }
    }

    private static Volume Open(IDisk disk, VolumeOptions options, VolumeDirectory? home)
    {
        try
        {
            if (options is { Create: true, ReadOnly: true })
            {
                throw new ArgumentException("A volume cannot be created for reading only.", nameof(options));
            }

            bool isReadOnly = options.ReadOnly || disk.IsReadOnly;
            SuperblockSlots slots;
            if (options.Create && !isReadOnly && SuperblockSlots.IsVacant(disk))
            {
                // First the names: where there is a superblock, what leads to it is durable, whatever interrupts this.
                home?.FlushNames();
                slots = SuperblockSlots.Create(disk);
            }
            else
            {
                slots = SuperblockSlots.Read(disk);
                if (!isReadOnly)
                {
                    slots.Rewrite();
                }
            }

            return new Volume(new BlockStore(disk, slots, isReadOnly), home);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }
}
