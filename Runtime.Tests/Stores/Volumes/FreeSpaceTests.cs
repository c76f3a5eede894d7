using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Volumes;

public class FreeSpaceTests
{
    private const long First = 19; // after the superblocks and the homes of free space

    private SimulatedDisk _disk = null!;
    private SpaceTree _tree = null!;
    private FreeSpace _space = null!;
    private Superblock _newest = null!;

    [SetUp]
    public void CreateSpace()
    {
        _disk = new SimulatedDisk();
        SuperblockSlots.Create(_disk);
        _newest = Superblock.First;
        _tree = new SpaceTree(_disk, new BlockReader(_disk, long.MaxValue));
        _space = new FreeSpace(_disk, _tree, _newest, previous: null);
    }

    [TearDown]
    public void DisposeDisk() => _disk.Dispose();

    [Test]
    public void What_a_commit_frees_is_given_out_again_only_after_the_next_commit()
    {
        long block = Reserve(1).Start;
        Commit([block], []);
        Commit([], [block]);
        Assert.That(TakeAll(), Does.Not.Contain(block));
        Commit([], []);

        Assert.That(TakeAll(), Does.Contain(block));
    }

    [Test]
    public void A_reader_of_an_older_commit_keeps_its_blocks()
    {
        long block = Reserve(1).Start;
        Commit([block], []);
        Commit([], [block]);
        Commit([], [], readers: [_newest.Sequence - 1]);
        Assert.That(TakeAll(), Does.Not.Contain(block));
        Commit([], []);

        Assert.That(TakeAll(), Does.Contain(block));
    }

    [Test]
    public void After_opening_again_what_the_newest_commit_freed_still_waits()
    {
        long block = Reserve(1).Start;
        Commit([block], []);
        Superblock previous = _newest;
        Commit([], [block]);
        _space = new FreeSpace(_disk, _tree, _newest, previous);

        Assert.That(TakeAll(), Does.Not.Contain(block));
        Assert.That(new FreeSpace(_disk, _tree, _newest, null).Allocate(1, true).Start, Is.EqualTo(block));
    }

    /// <summary>A read that failed was taken for damage once, and the older commit's blocks were given out.</summary>
    [Test]
    public void What_the_older_commit_needs_is_not_given_out_though_its_bitmap_cannot_be_read([Values] bool forGood)
    {
        BlockRun run = Reserve(3);
        Commit([run.Start, run.Start + 1], []);
        Superblock previous = _newest;
        Commit([], [run.Start]);
        long home = previous.Space.Pointer.Block;
        int failures = 0;
        using var disk = new FailingDisk(_disk, block => block == home && (failures++ == 0 || forGood));
        _tree = new SpaceTree(disk, new BlockReader(disk, long.MaxValue));
        _space = new FreeSpace(disk, _tree, _newest, previous);

        Assert.That(TakeAll(), Does.Not.Contain(run.Start));
        Assert.That(failures, Is.EqualTo(2), "read once more, and not again");
        Commit([], []);
        List<long> free = TakeAll();
        Assert.That(free, Does.Contain(run.Start).And.Contain(run.Start + 2).And.No.Member(run.Start + 1));
        Assert.That(free.Min(), Is.EqualTo(First), "places of superblocks and of free space are never given out");
    }

    [Test]
    public void What_was_given_back_is_given_out_again_at_once_and_a_commit_records_only_what_it_is_given()
    {
        BlockRun own = Reserve(2);
        BlockRun draft = Reserve(3);
        Commit([own.Start, own.Start + 1], []);
        var reopened = new FreeSpace(_disk, _tree, _newest, null);
        Assert.That(reopened.Allocate(10, true).Start, Is.EqualTo(draft.Start));

        Assert.That(TakeAll(), Does.Not.Contain(draft.Start));
        _space.Release([draft.Start]);
        Assert.That(TakeAll(), Does.Contain(draft.Start));
    }

    [Test]
    public void Ordinary_blocks_come_from_new_room_while_only_the_reserve_is_left()
    {
        Assert.That(_space.Available, Is.EqualTo(Format.Space.MinReserve));
        Assert.That(_space.Allocate(1, mayUseReserve: true).Start, Is.EqualTo(First));
        _disk.Capacity = _disk.BlockCount;
        Assert.That(
            () => _space.Allocate(1, mayUseReserve: false),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources));
        Assert.That(_space.Allocate(1000, mayUseReserve: true).Count, Is.EqualTo(63));
    }

    [Test]
    public void A_block_that_is_not_in_use_cannot_become_free()
    {
        Reserve(1);
        Assert.That(() => _space.Change([], [First + 5]), Throws.TypeOf<VolumeException>());
    }

    private BlockRun Reserve(int count) => _space.Allocate(count, mayUseReserve: true);

    /// <summary>Takes whatever there is, looks at it and gives it back.</summary>
    private List<long> TakeAll()
    {
        _disk.Capacity = _disk.BlockCount;
        var taken = new List<long>();
        try
        {
            while (true)
            {
                BlockRun run = Reserve(1000);
                taken.AddRange(Enumerable.Range(0, run.Count).Select(i => run.Start + i));
            }
        }
        catch (VolumeException)
        {
            _space.Release(taken);
            return taken;
        }
    }

    private void Commit(long[] used, BlockSet freed, long[]? readers = null)
    {
        List<(long, byte[])> changed = _space.Change(used, freed);
        _newest = _newest with
        {
            Sequence = _newest.Sequence + 1,
            End = _space.End,
            NextBirth = _newest.NextBirth + 1,
            BlocksInUse = _newest.BlocksInUse + used.Length - freed.Count,
            Space = _tree.Write(_newest.Space, changed, _newest.NextBirth),
        };
        _space.Commit(_newest, changed, used.Length, freed, readers ?? []);
    }

    /// <summary>Cannot read some blocks.</summary>
    private sealed class FailingDisk(IDisk disk, Predicate<long> fails) : IDisk
    {
        public long BlockCount => disk.BlockCount;

        public bool IsReadOnly => disk.IsReadOnly;

        public void ReadBlocks(BlockNumber first, Span<byte> destination)
        {
            if (fails(first.Value))
            {
                throw new VolumeException(Status.IoError, "simulated: the medium fails");
            }

            disk.ReadBlocks(first, destination);
        }

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source) => disk.WriteBlocks(first, source);

        public void Allocate(BlockNumber first, long count) => disk.Allocate(first, count);

        public void Flush() => disk.Flush();

        public void Dispose()
        {
        }
    }
}
