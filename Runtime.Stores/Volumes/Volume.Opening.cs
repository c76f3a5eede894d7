using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;

namespace Runtime.Stores.Volumes;

/// <content>Opening.</content>
public sealed partial class Volume
{
    /// <summary>Opens the volume in a directory.</summary>
    /// <remarks>
    /// One may write it, and up to 64 may read it meanwhile. Opened for reading only, it is what it was at that moment,
    /// whatever is committed or discarded later; the blocks that this takes become free when it is disposed. Where
    /// nothing can be written (a read-only file system, no right to) readers keep the writer out, and it them.
    /// </remarks>
    /// <exception cref="KernelException">
    /// <see cref="Status.Busy"/> if another process has it open in a way that excludes this; the message names it.
    /// </exception>
    /// <exception cref="VolumeException">There is none and it is not to be created, or it cannot be read.</exception>
    public static Volume Open(string directory, VolumeOptions? options = null) =>
        Open(directory, options ?? new VolumeOptions(), SystemFiles.Instance);

    /// <summary>Opens the volume on a disk, which it takes over.</summary>
    /// <exception cref="VolumeException">There is none and it is not to be created, or it cannot be read.</exception>
    public static Volume Open(IDisk disk, VolumeOptions? options = null) =>
        Open(disk, options ?? new VolumeOptions(), home: null, readers: null);

    internal static Volume Open(string directory, VolumeOptions options, IFileSystem system)
    {
        VolumeDirectory? home = null;
        try
        {
            home = VolumeDirectory.Open(directory, options, system);
            return Open(home.OpenData(), options, home, home.Readers);
        }
        catch
        {
            home?.Dispose();
            throw;
        }
    }

    /// <param name="disk">Taken over.</param>
    /// <param name="options">How.</param>
    /// <param name="home">Where the disk is; disposed with the volume.</param>
    /// <param name="readers">Where readers and the writer of the disk see each other, while the volume is open.</param>
    internal static Volume Open(IDisk disk, VolumeOptions options, VolumeDirectory? home, IReaders? readers)
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
            else if (isReadOnly && readers is not null)
            {
                // The place says first that any commit may be needed, so none comes in between unseen.
                readers.Claim();
                slots = SuperblockSlots.ReadBesideWriter(disk);
                readers.Name(slots.Newest.Sequence);
            }
            else
            {
                slots = SuperblockSlots.Read(disk);
                if (!isReadOnly)
                {
                    slots.Rewrite();
                }
            }

            return new Volume(new BlockStore(disk, slots, isReadOnly, readers), home);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }
}
