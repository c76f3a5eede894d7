using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>The blocks of a volume under one superblock: verified reads, and one transaction at a time.</summary>
/// <remarks>Thread safe; reads go on beside a transaction and after a failure.</remarks>
internal sealed class BlockStore : IDisposable
{
    private readonly IDisk _disk;
    private readonly SuperblockSlots _slots;
    private readonly SemaphoreSlim _commitLock = new(1, 1);

    // Guarded by _commitLock.
    private FreeSpace? _space;
    private byte[]? _run;

    private int _pins;
    private volatile VolumeException? _failure;
    private volatile bool _isDisposed;

    public BlockStore(IDisk disk, SuperblockSlots slots, bool isReadOnly)
    {
        _disk = disk;
        _slots = slots;
        IsReadOnly = isReadOnly;
        Reader = new BlockReader(disk, slots.Newest.End);
    }

    public bool IsReadOnly { get; }

    /// <summary>Why nothing can be written any more; null while it can.</summary>
    public VolumeException? Failure => _failure;

    public BlockReader Reader { get; }

    public Superblock Superblock => _slots.Newest;

    /// <summary>Waits for the transaction that runs and begins the next one.</summary>
    public Transaction Begin()
    {
        ThrowIfDisposed();
        _commitLock.Wait();
        try
        {
            ThrowIfClosedForWriting();
            _space ??= FreeSpaceWalk.Find(Reader, _slots);
            _run ??= new byte[BlockWriter.RunBytes];
            return new Transaction(this, new BlockWriter(_disk, _space, Superblock.NextBirth, _run));
        }
        catch
        {
            _commitLock.Release();
            throw;
        }
    }

    /// <summary>While it is held, no block of the newest commit, nor of a later one, is written anew.</summary>
    /// <remarks>Records need it, whose old blocks a commit frees; the maps of kept versions do not.</remarks>
    public ReadPin Pin()
    {
        ThrowIfDisposed();
        Interlocked.Increment(ref _pins);
        return new ReadPin(this);
    }

    public VolumeReport Verify(IProgress<VolumeProgress>? progress, CancellationToken cancellationToken)
    {
        var walk = new VerifyWalk(Reader, progress, cancellationToken);
        return walk.Run(_disk, Superblock);
    }

    public void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, typeof(Volume));

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _commitLock.Wait();
        _isDisposed = true;
        _commitLock.Release();
        _disk.Dispose();
    }

    /// <summary>Makes the transaction's blocks and its catalogue the volume's, durably.</summary>
    internal void Commit(Transaction transaction)
    {
        transaction.Writer.Drain();
        Superblock next = Superblock with
        {
            Sequence = Superblock.Sequence + 1,
            End = _space!.End,
            NextBirth = Superblock.NextBirth + 1,
            NextContainerId = transaction.NextContainerId,
            Catalogue = transaction.Catalogue,
        };
        try
        {
            _disk.Flush();
            _slots.Write(next);
        }
        catch (VolumeException e)
        {
            // The system may have dropped what it could not write and say "done" next time; the next superblock could
            // then lead to blocks that are not there.
            _failure = e;
            throw;
        }

        _space.Commit(transaction.Writer.Freed, isPinned: Volatile.Read(ref _pins) > 0);
        Reader.End = next.End;
    }

    internal void End(bool committed)
    {
        if (!committed)
        {
            _space!.Rollback();
        }

        _commitLock.Release();
    }

    internal readonly struct ReadPin(BlockStore store) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref store._pins);
    }

    private void ThrowIfClosedForWriting()
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

        if (Superblock.NextBirth == Format.MaxUInt48)
        {
            throw new VolumeException(Status.NoResources, "the volume has used up its births");
        }
    }
}
