using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Reads everything that a volume's newest superblock leads to, and collects what is damaged.</summary>
internal sealed partial class VerifyWalk(
    VerifyStart start,
    IProgress<VolumeProgress>? progress,
    CancellationToken cancellationToken) : BlockWalk(start.Reader)
{
    private const int ReportedDamages = 1000;
    private const int BlocksPerProgress = 256;

    private readonly BlockReader _reader = start.Reader;
    private readonly Superblock _superblock = start.Superblock;
    private readonly List<VolumeDamage> _damages = [];
    private readonly byte[] _page = new byte[Format.BlockSize];
    private long _blocks;
    private long _pages;
    private long _damageCount;
    private long _dead;

    // Of the container that the walk is in.
    private long _versions;
    private bool _hasHead;
    private long _damageCountBefore;

    // Of the version that the walk is in: what was born later is its own, and nobody was there before.
    private long _sharedBirth;

    public VolumeReport Run()
    {
        foreach ((long block, VolumeException reason) in start.BadCopies)
        {
            Damaged(block, page: null, reason);
        }

        long before = _damageCount;
        _blocks += Format.Superblock.CopiesPerSlot + start.Space.Blocks;
        foreach ((long block, VolumeException reason) in start.Space.Damages)
        {
            Damaged(block, page: null, reason);
        }

        Catalogue(_superblock);
        if (_damageCount == before)
        {
            Compare();
        }

        progress?.Report(new VolumeProgress(_reader.End, _reader.End));
        return new VolumeReport(_blocks, _pages, _damageCount, _damages);
    }

    protected override bool Entered(ContainerEntry container, BlockPointer pointer)
    {
        (_versions, _hasHead, _damageCountBefore) = (0, container.Head == 0, _damageCount);
        return true;
    }

    protected override bool Entered(VersionRecord version)
    {
        _versions++;
        _hasHead |= version.Id.Interval == Container!.Head && !version.IsHidden;
        CheckRelatives(version);
        return true;
    }

    protected override void Left(ContainerEntry container, BlockPointer pointer)
    {
        if ((_versions != container.VersionCount || !_hasHead) && _damageCount == _damageCountBefore)
        {
            throw Damage.At(pointer.Block, $"its versions are not the {container.VersionCount} that it records");
        }

        // Its block and those of its versions are its own.
        _sharedBirth = 0;
    }

    protected override void Page(PageNumber page, in BlockPointer pointer)
    {
        _pages++;
        _reader.Read(pointer, _page);
    }

    protected override void Again(in BlockPointer pointer)
    {
        if (pointer.Birth > (Interval is null ? 0 : _sharedBirth))
        {
            Damaged(pointer.Block, page: null, Damage.At(pointer.Block, "it is used twice"));
        }
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

    /// <summary>Holds the free space against what the walk has reached; only if it has reached everything.</summary>
    private void Compare()
    {
        foreach ((long block, bool isNeeded) in start.Space.DifferencesTo(Seen))
        {
            Damaged(block, page: null, Damage.At(
                block,
                isNeeded
                    ? "it is needed, and free space would give it out"
                    : "nothing leads to it, and it is not free"));
        }

        if (_superblock.BlocksInUse != start.Space.InUse || _superblock.BlocksDead != _dead)
        {
            long number = _superblock.Slot * Format.Superblock.CopiesPerSlot;
            Damaged(number, page: null, Damage.At(
                number,
                $"it counts {_superblock.BlocksInUse} blocks in use and {_superblock.BlocksDead} dead, "
                    + $"not {start.Space.InUse} and {_dead}"));
        }
    }
}
