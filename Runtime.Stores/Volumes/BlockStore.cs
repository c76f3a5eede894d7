using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>The blocks of a volume under one superblock: verified reads, and one transaction at a time.</summary>
/// <remarks>Thread safe; reads, and writes of drafts, go on beside a transaction and after a failure.</remarks>
internal sealed class BlockStore : IDisposable
{
    private readonly SuperblockSlots _slots;
    private readonly SemaphoreSlim _commitLock = new(1, 1);
    private readonly SpaceTree _spaceTree;
    private readonly ReaderWatch _readers;
    private readonly bool _isBesideWriter;

    // Guarded by _commitLock.
    private byte[]? _run;

    private long _nextBirth;
    private volatile VolumeException? _failure;
    private volatile bool _isDisposed;

    /// <param name="disk">The volume's.</param>
    /// <param name="slots">Its superblocks.</param>
    /// <param name="isReadOnly">Whether nothing is to be written.</param>
    /// <param name="readers">
    /// Where readers and the writer see each other; a reader has claimed its place. Null where nobody else can have
    /// the volume.
    /// </param>
    public BlockStore(IDisk disk, SuperblockSlots slots, bool isReadOnly, IReaders? readers = null)
    {
        Disk = disk;
        _slots = slots;
        _nextBirth = slots.Newest.NextBirth;
        IsReadOnly = isReadOnly;
        Reader = new BlockReader(disk, slots.Newest.End);
        _spaceTree = new SpaceTree(disk, Reader);
        _isBesideWriter = isReadOnly && readers is not null;
        _readers = new ReaderWatch(readers, openedAt: isReadOnly ? null : slots.Newest.Sequence);
        Space = new FreeSpace(
            disk, new SpaceTree(disk, Reader), slots.Newest, slots.Previous, isHeld: _readers.HasStrangers);
    }

    public IDisk Disk { get; }

    public bool IsReadOnly { get; }

    /// <summary>Why nothing can be written any more; null while it can.</summary>
    public VolumeException? Failure => _failure;

    public BlockReader Reader { get; }

    public FreeSpace Space { get; }

    public Superblock Superblock => _slots.Newest;

    /// <summary>Waits for the transaction that runs and begins the next one.</summary>
    /// <param name="catalogue">Looks a container up as the newest commit has it.</param>
    /// <param name="mayUseReserve">Whether it makes room, and so may be made on a full disk.</param>
    public Transaction Begin(Func<ulong, ContainerEntry?> catalogue, bool mayUseReserve)
    {
        ThrowIfDisposed();
        _commitLock.Wait();
        try
        {
            ThrowIfClosedForWriting();
            _run ??= new byte[BlockWriter.RunBytes];
            var writer = new BlockWriter(Disk, Reader, Space, mayUseReserve, _run);
            return new Transaction(this, writer, DrawBirth(), catalogue);
        }
        catch
        {
            _commitLock.Release();
            throw;
        }
    }

    /// <summary>A birth above every one drawn before; lost ones leave gaps.</summary>
    public long DrawBirth()
    {
        long birth = Interlocked.Increment(ref _nextBirth) - 1;
        return birth < Format.MaxUInt48
            ? birth
            : throw new VolumeException(Status.NoResources, "the volume has used up its births");
    }

    /// <summary>While it is held, no block of the newest commit, nor of a later one, is written anew.</summary>
    /// <remarks>Records need it, whose old blocks a commit frees; open versions do not.</remarks>
    public ReadPin Pin()
    {
        ThrowIfDisposed();
        return new ReadPin(_readers, _readers.Pin(() => Superblock.Sequence));
    }

    /// <summary>Reads something of the newest commit, while no other one is made.</summary>
    public T BetweenCommits<T>(Func<T> read, CancellationToken cancellationToken = default)
    {
        _commitLock.Wait(cancellationToken);
        try
        {
            ThrowIfDisposed();
            return read();
        }
        finally
        {
            _commitLock.Release();
        }
    }

    public VolumeReport Verify(IProgress<VolumeProgress>? progress, CancellationToken cancellationToken)
    {
        // Superblocks, and the homes of free space, are written again by the second or third commit from now; the pin
        // does not hold them.
        VerifyStart start = _isBesideWriter
            ? VerifyStart.ReadBesideWriter(Disk, cancellationToken)
            : BetweenCommits(() => VerifyStart.Read(Disk, Superblock), cancellationToken);
        return new VerifyWalk(start, progress, cancellationToken).Run();
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(Volume));

    public void ThrowIfClosedForWriting()
    {
        ThrowIfDisposed();
        if (IsReadOnly)
        {
            throw new VolumeException(Status.PermissionDenied, "the volume is open for reading only");
        }

        if (_failure is { } failure)
        {
            throw new VolumeException(
                failure.Status, $"the volume is closed for writing after a failed flush: {failure.Message}", failure);
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _commitLock.Wait();
        _isDisposed = true;
        _commitLock.Release();
        Disk.Dispose();
    }

    /// <summary>Makes the transaction's blocks and its catalogue the volume's, durably.</summary>
    internal void Commit(Transaction transaction, TreeRoot catalogue)
    {
        BlockWriter writer = transaction.Writer;
        writer.Drain();
        long used = writer.Allocated.Count + transaction.Adopted.Sum(blocks => (long)blocks.Count);
        List<(long Region, byte[] Bitmap)> changed = Space.Change(
            writer.Allocated.Concat(transaction.Adopted.SelectMany(blocks => blocks)), writer.Freed);
        TreeRoot space = _spaceTree.Write(Superblock.Space, changed, transaction.Birth);
        Superblock next = Superblock with
        {
            Sequence = Superblock.Sequence + 1,
            End = Space.End,
            NextBirth = Volatile.Read(ref _nextBirth),
            NextContainerId = transaction.NextContainerId,
            BlocksInUse = Superblock.BlocksInUse + used - writer.Freed.Count,
            BlocksDead = Superblock.BlocksDead + transaction.DeadDelta,
            Catalogue = catalogue,
            Space = space,
        };
        try
        {
            Disk.Flush();
            _slots.Write(next);
        }
        catch (VolumeException e)
        {
            // The system may have dropped what it could not write and say "done" next time; the next superblock could
            // then lead to blocks that are not there.
            _failure = e;
            throw;
        }

        Reader.End = next.End;
        Committed(changed, used, writer.Freed);
    }

    /// <summary>The catalogue in memory is as the commit has left it, if there was one.</summary>
    internal void End(Transaction transaction, bool committed)
    {
        if (!committed)
        {
            Space.Release(transaction.Writer.Allocated);
        }
        else if (transaction.Writer.MakesRoom && Space.NeedsNextCommit)
        {
            CommitNothing();
        }

        _commitLock.Release();
    }

    /// <summary>
    /// On a full disk there would be no next commit: it needs the room that this one has made, and that waits for it.
    /// </summary>
    private void CommitNothing()
    {
        try
        {
            _slots.Write(Superblock with { Sequence = Superblock.Sequence + 1 });
        }
        catch (VolumeException e)
        {
            // What was to be committed is; the next one will be told.
            _failure = e;
            return;
        }

        Committed(changed: [], usedCount: 0, freed: []);
    }

    /// <summary>The superblock is durable.</summary>
    private void Committed(List<(long Region, byte[] Bitmap)> changed, long usedCount, BlockSet freed)
    {
        Space.Commit(Superblock, changed, usedCount, freed, _readers.Look());
        if (!_readers.HasStrangers)
        {
            Space.EndHold();
        }
    }

    internal readonly struct ReadPin(ReaderWatch readers, long commit) : IDisposable
    {
        public void Dispose() => readers.Unpin(commit);
    }
}
