using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Reads everything that a volume's newest superblock leads to, and collects what is damaged.</summary>
internal sealed class VerifyWalk(
    BlockReader reader, IProgress<VolumeProgress>? progress, CancellationToken cancellationToken) : BlockWalk(reader)
{
    private const int ReportedDamages = 1000;
    private const int BlocksPerProgress = 256;

    private readonly BlockReader _reader = reader;
    private readonly List<VolumeDamage> _damages = [];
    private readonly byte[] _page = new byte[Format.BlockSize];
    private long _blocks;
    private long _pages;
    private long _damageCount;

    // Of the container that the walk is in.
    private long _versions;
    private VersionRecord _last;
    private long _damageCountBefore;

    public VolumeReport Run(IDisk disk, Superblock superblock)
    {
        for (int copy = 0; copy < Format.Superblock.CopiesPerSlot; copy++)
        {
            Copy(disk, (superblock.Slot * Format.Superblock.CopiesPerSlot) + copy);
        }

        Catalogue(superblock);
        progress?.Report(new VolumeProgress(_reader.End, _reader.End));
        return new VolumeReport(_blocks, _pages, _damageCount, _damages);
    }

    protected override bool Entered(ContainerEntry container, BlockPointer pointer)
    {
        (_versions, _last, _damageCountBefore) = (0, default, _damageCount);
        return true;
    }

    protected override bool Entered(in VersionRecord version)
    {
        _versions++;
        bool ascends = version.Interval > _last.Interval;
        _last = version;
        return ascends ? true : throw new VolumeException(
            Status.IoError,
            $"the volume is damaged: version {version.Interval} of '{Container?.Name}' is out of order");
    }

    protected override void Left(ContainerEntry container, BlockPointer pointer)
    {
        bool asRecorded = _versions == container.VersionCount && _last == container.Newest;
        if (!asRecorded && _damageCount == _damageCountBefore)
        {
            throw Damage.At(pointer.Block, $"its versions are not the {container.VersionCount} that it records");
        }
    }

    protected override void Page(PageNumber page, in BlockPointer pointer)
    {
        _pages++;
        _reader.Read(pointer, _page);
    }

    protected override void Passed()
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (++_blocks % BlocksPerProgress == 0)
        {
            progress?.Report(new VolumeProgress(_blocks, _reader.End));
        }
    }

    protected override void Damaged(long block, PageNumber? page, VolumeException damage)
    {
        _damageCount++;
        if (_damages.Count < ReportedDamages)
        {
            _damages.Add(new VolumeDamage(new BlockNumber(block), Container?.Name, Interval, page, damage.Message));
        }
    }

    /// <summary>
    /// One copy of the superblock is enough to open the volume; that the other is damaged should be known.
    /// </summary>
    private void Copy(IDisk disk, long block)
    {
        Passed();
        try
        {
            disk.ReadBlocks(new BlockNumber(block), _page);
            if (!Superblock.HasMagic(_page) || !Superblock.HasChecksum(_page))
            {
                throw Damage.At(block, "this copy of the superblock is not whole");
            }
        }
        catch (VolumeException e)
        {
            Damaged(block, page: null, e);
        }
    }
}
