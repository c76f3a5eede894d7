using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Tests.Stores.Disks;

/// <summary>
/// A disk with a volatile cache, that loses power or fails when it is told to, the same way for the same seed.
/// </summary>
/// <remarks>
/// Calls that change something (writes and flushes) are counted from 1. Reads see the cache. A power cut lets any
/// sector of any write since the last flush reach the medium or not, whatever the order. Thread safe.
/// </remarks>
internal sealed class SimulatedDisk : IDisk
{
    private const int SectorSize = 512;

    private readonly Lock _lock = new();
    private readonly Random _random;

    // Guarded by _lock. The pending writes are those since the last flush.
    private readonly Dictionary<long, byte[]> _medium;
    private readonly Dictionary<long, byte[]> _cache;
    private readonly List<(long Block, byte[] Bytes)> _pending = [];
    private readonly Dictionary<int, Status> _failures = [];
    private long _mediumCount;
    private long _count;
    private bool _flushFailed;

    public SimulatedDisk(int seed = 0)
        : this(seed, [], blockCount: 0)
    {
    }

    private SimulatedDisk(int seed, Dictionary<long, byte[]> medium, long blockCount)
    {
        _random = new Random(seed);
        _medium = medium;
        _cache = new Dictionary<long, byte[]>(medium);
        _count = _mediumCount = blockCount;
    }

    /// <summary>The number of the call during which power goes; 0 for never.</summary>
    public int PowerCutAtCall { get; init; }

    /// <summary>Blocks beyond which the medium is full.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Writes and flushes so far.</summary>
    public int Calls { get; private set; }

    /// <summary>How many of them were flushes.</summary>
    public int Flushes { get; private set; }

    public int Reads { get; private set; }

    public bool HasPower { get; private set; } = true;

    public bool IsReadOnly { get; init; }

    public long BlockCount
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>The numbers of the blocks that anything was ever written to.</summary>
    public IReadOnlyList<long> WrittenBlocks
    {
        get
        {
            lock (_lock)
            {
                return [.. _cache.Keys.Order()];
            }
        }
    }

    /// <summary>Lets a call fail; it does nothing but fail.</summary>
    public void FailAtCall(int call, Status status) => _failures.Add(call, status);

    /// <summary>
    /// The disk as the next process finds it: after a power cut what reached the medium, otherwise everything.
    /// </summary>
    public SimulatedDisk Reopen(int seed = 0, int powerCutAtCall = 0)
    {
        lock (_lock)
        {
            return HasPower
                ? new SimulatedDisk(seed, new Dictionary<long, byte[]>(_cache), _count)
                {
                    PowerCutAtCall = powerCutAtCall,
                }
                : new SimulatedDisk(seed, new Dictionary<long, byte[]>(_medium), _mediumCount)
                {
                    PowerCutAtCall = powerCutAtCall,
                };
        }
    }

    /// <summary>Pulls the plug between two calls.</summary>
    public void CutPower()
    {
        lock (_lock)
        {
            CutPowerUnsynchronized();
        }
    }

    /// <summary>Changes a byte behind everyone's back.</summary>
    public void Flip(long block, int offset, byte mask = 0x40)
    {
        lock (_lock)
        {
            byte[] bytes = [.. Block(block)];
            bytes[offset] ^= mask;
            _cache[block] = bytes;
            _medium[block] = bytes;
        }
    }

    /// <summary>Loses everything from a block on.</summary>
    public void Truncate(long blockCount)
    {
        lock (_lock)
        {
            _count = _mediumCount = blockCount;
        }
    }

    public void ReadBlocks(BlockNumber first, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length % IDisk.BlockSize, 0);
        lock (_lock)
        {
            ThrowIfDead();
            Reads++;
            if (first.Value < 0 || first.Value + (destination.Length / IDisk.BlockSize) > _count)
            {
                throw new VolumeException(Status.OutOfRange, $"read at {first} beyond the end");
            }

            for (long block = first.Value; destination.Length > 0; block++)
            {
                Block(block).CopyTo(destination);
                destination = destination[IDisk.BlockSize..];
            }
        }
    }

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.Length % IDisk.BlockSize, 0);
        lock (_lock)
        {
            if (IsReadOnly)
            {
                throw new VolumeException(Status.PermissionDenied, "the disk is read-only");
            }

            bool cut = BeginCall();
            int blocks = source.Length / IDisk.BlockSize;
            if (first.Value + blocks > Capacity)
            {
                throw new VolumeException(Status.NoResources, "simulated: no space left");
            }

            for (int i = 0; i < blocks; i++)
            {
                byte[] bytes = source.Slice(i * IDisk.BlockSize, IDisk.BlockSize).ToArray();
                _pending.Add((first.Value + i, bytes));
                _cache[first.Value + i] = bytes;
            }

            _count = Math.Max(_count, first.Value + blocks);
            EndCall(cut);
        }
    }

    /// <summary>Counts as a write: where power goes, the medium may have grown or not.</summary>
    public void Allocate(BlockNumber first, long count)
    {
        lock (_lock)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(first.Value, _count);
            bool cut = BeginCall();
            if (first.Value + count > Capacity)
            {
                throw new VolumeException(Status.NoResources, "simulated: no space left");
            }

            _count = first.Value + count;
            EndCall(cut);
        }
    }

    public void Flush()
    {
        lock (_lock)
        {
            bool cut = BeginCall();
            Flushes++;
            if (_flushFailed)
            {
                throw new VolumeException(Status.IoError, "simulated: a flush failed before");
            }

            EndCall(cut);
            foreach ((long block, byte[] bytes) in _pending)
            {
                _medium[block] = bytes;
            }

            _mediumCount = _count;
            _pending.Clear();
        }
    }

    public void Dispose()
    {
    }

    private byte[] Block(long block) => _cache.GetValueOrDefault(block) ?? new byte[IDisk.BlockSize];

    private bool BeginCall()
    {
        ThrowIfDead();
        Calls++;
        if (_failures.TryGetValue(Calls, out Status status))
        {
            // A failed flush is one whose writes may be lost for good.
            _flushFailed |= status == Status.IoError;
            throw new VolumeException(status, $"simulated: call {Calls} failed");
        }

        return Calls == PowerCutAtCall;
    }

    private void EndCall(bool cut)
    {
        if (cut)
        {
            CutPowerUnsynchronized();
            ThrowIfDead();
        }
    }

    private void CutPowerUnsynchronized()
    {
        HasPower = false;

        // Some cuts lose all, some nothing, most something in between.
        double chance = _random.Next(4) switch { 0 => 0, 1 => 1, _ => _random.NextDouble() };
        foreach ((long block, byte[] bytes) in _pending)
        {
            byte[] target = [.. _medium.GetValueOrDefault(block) ?? new byte[IDisk.BlockSize]];
            for (int sector = 0; sector < target.Length; sector += SectorSize)
            {
                if (_random.NextDouble() < chance)
                {
                    bytes.AsSpan(sector, SectorSize).CopyTo(target.AsSpan(sector));
                    _mediumCount = Math.Max(_mediumCount, block + 1);
                    _medium[block] = target;
                }
            }
        }

        _pending.Clear();
    }

    private void ThrowIfDead()
    {
        if (!HasPower)
        {
            throw new VolumeException(Status.IoError, "simulated: the power is gone");
        }
    }
}
