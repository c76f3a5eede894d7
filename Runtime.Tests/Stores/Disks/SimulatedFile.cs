namespace Runtime.Tests.Stores.Disks;

/// <summary>The content of a file: as its readers see it, and as much of it as the medium has.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class SimulatedFile
{
    private const int SectorSize = 512;

    // The dirty ranges are those written since the last flush, in order; of each any sector may be on the medium.
    private readonly List<(long Offset, byte[] Bytes)> _dirty = [];
    private byte[] _cache = [];
    private byte[] _medium = [];
    private long _mediumLength;
    private bool _isLonger;

    public long Length { get; private set; }

    public int Read(long offset, Span<byte> destination)
    {
        int count = (int)Math.Clamp(Length - offset, 0, destination.Length);
        _cache.AsSpan((int)Math.Min(offset, Length), count).CopyTo(destination);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        SetLength(Math.Max(Length, offset + source.Length));
        source.CopyTo(_cache.AsSpan((int)offset));
        _dirty.Add((offset, source.ToArray()));
    }

    public void SetLength(long length)
    {
        if (length > _cache.Length)
        {
            Array.Resize(ref _cache, (int)Math.Max(length, _cache.Length * 2));
        }

        _isLonger |= length > Length;
        Length = length;
    }

    public void Flush()
    {
        foreach ((long offset, byte[] bytes) in _dirty)
        {
            Grow(offset + bytes.Length);
            bytes.CopyTo(_medium, offset);
        }

        _dirty.Clear();
        Grow(Length);
        _isLonger = false;
    }

    /// <summary>Writes of the dirty ranges what it pleases, and forgets that they are dirty.</summary>
    public void LoseDirty(Random random)
    {
        Save(random, random.NextDouble());
        _dirty.Clear();
        _isLonger = false;
    }

    public void CutPower(Random random, double chance)
    {
        Save(random, chance);
        if (_isLonger && random.NextDouble() < chance)
        {
            Grow(Length);
        }

        _dirty.Clear();
        _isLonger = false;
        _cache = _medium[..(int)_mediumLength];
        Length = _mediumLength;
    }

    private void Save(Random random, double chance)
    {
        foreach ((long offset, byte[] bytes) in _dirty)
        {
            long end = offset + bytes.Length;
            for (long from = offset; from < end;)
            {
                long to = Math.Min(end, (from / SectorSize + 1) * SectorSize);
                if (random.NextDouble() < chance)
                {
                    Grow(to);
                    bytes.AsSpan((int)(from - offset), (int)(to - from)).CopyTo(_medium.AsSpan((int)from));
                }

                from = to;
            }
        }
    }

    private void Grow(long length)
    {
        if (length > _medium.Length)
        {
            Array.Resize(ref _medium, (int)Math.Max(length, _medium.Length * 2));
        }

        _mediumLength = Math.Max(_mediumLength, length);
    }
}
